import { ApiError } from "./api-error.ts";

/** Internal, from edge to origin: the whole milliseconds left for the first audio, since clocks differ and durations do not. */
export const deadlineHeader = "x-deadline-ms";

/** Internal as well: the speech is part of a batch, and may wait until others have been spoken. */
export const batchHeader = "x-batch";

/** Internal as well: the id of the key that asks, so that no key keeps the others from being served. */
export const callerHeader = "x-caller";

/** 504: nobody waits any more for what had not begun to sound by then. */
export function deadlineExceeded(seconds: number): ApiError {
  return new ApiError({
    status: 504,
    type: "server_error",
    code: "deadline_exceeded",
    message: `There was no audio within the ${Number(seconds.toFixed(3))} seconds this request had.`,
  });
}
