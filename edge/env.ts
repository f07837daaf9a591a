import type { SpeechOutcome } from "./speech-outcome.ts";

/** What wrangler.toml, .dev.vars and secrets bind. Read through `readSettings`, which checks it. */
export interface Env {
  /** Base URLs of the origins, separated by commas. */
  ORIGIN_URLS?: string;
  /** Secret: the bearer token the origins ask for; while it is being replaced, both, separated by a comma. */
  ORIGIN_TOKEN?: string;
  /** Longest silence of an origin, and longest wait for its first audio unless the client names another. */
  ORIGIN_TIMEOUT_SECONDS?: string;
}

export interface EdgeEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** How a streamed answer ended, long after its handler returned. */
    outcome?: Promise<SpeechOutcome>;
  };
}
