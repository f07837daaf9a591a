/**
 * Every binding and its kind, as wrangler.toml has to give it to each environment. `Env` types them; the compiler holds
 * the two together, and a test holds wrangler.toml to this.
 */
export const bindingKinds = {
  ORIGIN_URLS: "var",
  ORIGIN_TOKEN: "secret",
  ORIGIN_TIMEOUT_SECONDS: "var",
  AUTH: "var",
  ASSETS: "assets",
  API_KEYS: "secret",
  KEYS: "kv_namespace",
  TOKEN_SIGNING_SECRET: "secret",
  KEY_RATE: "ratelimit",
  ADDRESS_RATE: "ratelimit",
  LINK_RATE: "ratelimit",
  QUOTAS: "durable_object",
  AUDIO: "kv_namespace",
  FLIGHTS: "durable_object",
  METRICS: "analytics_engine",
  VOICES: "kv_namespace",
  VOICE_BOOKS: "durable_object",
  CACHE_TTL_SECONDS: "var",
  CACHE_MAX_BYTES: "var",
  MODEL_ALIASES: "var",
  VOICE_ALIASES: "var",
  DEFAULT_MODEL: "var",
  DEFAULT_VOICE: "var",
  VOICE_NAMES: "var",
  URL_SIGNING_SECRET: "secret",
} as const;
