import type { Caller } from "./auth/caller.ts";
import type { Source } from "./cache/cache-headers.ts";
import type { Flights } from "./flight/flights.ts";
import type { Quota } from "./limits/quota.ts";
import type { SpeechOutcome } from "./speech-outcome.ts";

/** What wrangler.toml, .dev.vars and secrets bind. Read through `readSettings`, which checks it. */
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
  /** What each key with limits of its own has used. */
  QUOTAS?: DurableObjectNamespace<Quota>;
  /** The cache: spoken files, and each model's revision. */
  AUDIO?: KVNamespace;
  /** One object for each file that is being spoken. */
  FLIGHTS?: DurableObjectNamespace<Flights>;
  /** How long a file is kept; 0 keeps none. */
  CACHE_TTL_SECONDS?: string;
  /** Largest file that is kept. */
  CACHE_MAX_BYTES?: string;
  /** Secret: signs links to files; several while it is replaced, separated by commas. */
  URL_SIGNING_SECRET?: string;
}

/** What kind of binding each of them is. */
export type BindingKinds = { readonly [Name in keyof Env]-?: KindOf<NonNullable<Env[Name]>> };

type KindOf<Binding> = Binding extends string
  ? "var" | "secret"
  : Binding extends KVNamespace
    ? "kv_namespace"
    : Binding extends RateLimit
      ? "ratelimit"
      : "durable_object";

export interface EdgeEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    caller?: Caller;
    /** Where the speech came from. */
    source?: Source["name"];
    /** How a streamed answer ended, long after its handler returned. */
    outcome?: Promise<SpeechOutcome>;
  };
}

/** Behind `requireCaller`. */
export type CallerEnv = EdgeEnv & { Variables: { caller: Caller } };
