import type { Logger } from "../log.ts";

/** What is known of a request on its way through the routes. */
export interface OriginEnv {
  Variables: {
    requestId: string;
    log: Logger;
    /** How long the asker waits for the first audio, in milliseconds. */
    deadlineMs?: number;
  };
}
