import type { Catalogue } from "../shared/catalogue.ts";
import type { AudioFormat } from "../shared/formats.ts";
import type { Correlation } from "../shared/http/trace-context.ts";
import type { ModelId } from "../shared/models.ts";
import type { Caller } from "./auth/caller.ts";
import type { Source } from "./cache/cache-headers.ts";
import type { Env } from "./env.ts";
import type { SpeechOutcome } from "./speech-outcome.ts";

/** What is measured apart of requests for speech. */
export interface AskedSpeech {
  model: ModelId;
  format: AudioFormat;
  /** Whether it is sent as it comes, or when it is whole. */
  delivery: "streamed" | "whole";
}

/** What Hono's context has for every request. */
export interface EdgeEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    correlation: Correlation;
    /** With the kept voices that the request names. */
    names?: Catalogue;
    caller?: Caller;
    /** What speech was asked for. */
    asked?: AskedSpeech;
    /** Where the speech came from. */
    source?: Source["name"];
    /** How a streamed answer ended, long after its handler returned. */
    outcome?: Promise<SpeechOutcome>;
  };
}

/** Behind `requireCaller`. */
export type CallerEnv = EdgeEnv & { Variables: { caller: Caller } };
