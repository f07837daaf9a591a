import type { Catalogue } from "../shared/catalogue.ts";
import type { Correlation } from "../shared/http/trace-context.ts";
import type { Caller } from "./auth/caller.ts";
import type { Source } from "./cache/cache-headers.ts";
import type { Env } from "./env.ts";
import type { SpeechOutcome } from "./speech-outcome.ts";

/** What Hono's context has for every request. */
export interface EdgeEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    correlation: Correlation;
    /** With the kept voices that the request names. */
    names?: Catalogue;
    caller?: Caller;
    /** Where the speech came from. */
    source?: Source["name"];
    /** How a streamed answer ended, long after its handler returned. */
    outcome?: Promise<SpeechOutcome>;
  };
}

/** Behind `requireCaller`. */
export type CallerEnv = EdgeEnv & { Variables: { caller: Caller } };
