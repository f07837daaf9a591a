import type { Catalogue } from "../../shared/catalogue.ts";
import type { Correlation } from "../../shared/http/trace-context.ts";
import type { Logger } from "../log.ts";
import type { Urgency } from "../speech/admission.ts";

/** What is known of a request on its way through the routes. */
export interface OriginEnv {
  Variables: {
    requestId: string;
    correlation: Correlation;
    log: Logger;
    /** How long the asker waits for the first audio, in milliseconds. */
    deadlineMs?: number;
    /** The id of the key that asks an edge for its jobs. */
    jobCaller?: string;
    /** The id of an edge's key that asks for speech. */
    caller?: string;
    /** As an edge says it. */
    urgency?: Urgency;
    /** With the kept voices that the request names. */
    names?: Catalogue;
  };
}
