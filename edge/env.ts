import type { FlightsObject } from "./flight/protocol.ts";
import type { QuotaAccount } from "./limits/usage.ts";
import type { VoiceBookObject } from "./voices/protocol.ts";

/** What wrangler.toml, .dev.vars and secrets bind. Read through `settingsOf`, which checks it. */
export interface Env {
  /** Base URLs of the origins, separated by commas. */
  ORIGIN_URLS?: string;
  /** Secret: the bearer token the origins ask for; while it is being replaced, both, separated by a comma. */
  ORIGIN_TOKEN?: string;
  /** Longest silence of an origin, and longest wait for its first audio unless the client names another. */
  ORIGIN_TIMEOUT_SECONDS?: string;
  /** Who may ask: `keys` (also when unset) or `open`. */
  AUTH?: string;
  /** Secret: a few keys, as a JSON list of their records. */
  API_KEYS?: string;
  /** Many keys: their records. */
  KEYS?: KVNamespace;
  /** Secret: signs browser tokens; several while it is replaced, separated by commas. */
  TOKEN_SIGNING_SECRET?: string;
  /** Requests per key, however it is used. */
  KEY_RATE?: RateLimit;
  /** Requests per address, where no key is asked for or none is good. */
  ADDRESS_RATE?: RateLimit;
  /** Requests per address for files by signed links. */
  LINK_RATE?: RateLimit;
  /** What each key with limits of its own has used. */
  QUOTAS?: DurableObjectNamespace<QuotaAccount & Rpc.DurableObjectBranded>;
  /** The cache: spoken files, and each model's revisions. */
  AUDIO?: KVNamespace;
  /** The files of the playground. */
  ASSETS?: Fetcher;
  /** One object for each file that is being spoken. */
  FLIGHTS?: DurableObjectNamespace<FlightsObject>;
  /** The files of voices that keys keep. */
  VOICES?: KVNamespace;
  /** One object for each key that keeps voices, with their records. */
  VOICE_BOOKS?: DurableObjectNamespace<VoiceBookObject & Rpc.DurableObjectBranded>;
  /** Workers Analytics Engine: a data point for each request. */
  METRICS?: AnalyticsEngineDataset;
  /** How long a file is kept; 0 keeps none. */
  CACHE_TTL_SECONDS?: string;
  /** Largest file that is kept. */
  CACHE_MAX_BYTES?: string;
  /** JSON: names of models that only this deployment has, and whom it gives them to; as at the origins. */
  MODEL_ALIASES?: string;
  /** The same of voices. */
  VOICE_ALIASES?: string;
  /** The model of requests that name none. */
  DEFAULT_MODEL?: string;
  /** Their voice. */
  DEFAULT_VOICE?: string;
  /** What lists call a voice: `speaker` (also when unset) or `both`. */
  VOICE_NAMES?: string;
  /** Secret: signs links to files; several while it is replaced, separated by commas. */
  URL_SIGNING_SECRET?: string;
}

/** What kind of binding each of them is; `bindings.ts` lists them. */
export type BindingKinds = { readonly [Name in keyof Env]-?: KindOf<NonNullable<Env[Name]>> };

type KindOf<Binding> = Binding extends string
  ? "var" | "secret"
  : Binding extends AnalyticsEngineDataset
    ? "analytics_engine"
    : Binding extends KVNamespace
      ? "kv_namespace"
      : Binding extends RateLimit
        ? "ratelimit"
        : Binding extends Pick<DurableObjectNamespace, "idFromName">
          ? "durable_object"
          : "assets";
