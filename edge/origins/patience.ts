import { ApiError } from "../../shared/api-error.ts";
import { badGateway, clientLeft } from "../errors.ts";
import { createMovableDeadline } from "../movable-deadline.ts";

/** How long one thing after the other that an origin owes is waited for. */
export interface Patience {
  /** Waits for one. Whatever goes wrong is thrown as the ApiError the client is told, and ends it. */
  wait<T>(work: Promise<T>): Promise<T>;
  /** Nothing more is owed. */
  end(): void;
}

/**
 * Every wait on an origin has this limit: one that falls silent, before its answer or in the midst of it, is given up
 * through `stop`. A slow client costs the origin nothing, since its time passes between two waits.
 */
export function createPatience(
  limitSeconds: number,
  tooLate: (seconds: number) => ApiError,
  stop: AbortController,
): Patience {
  const limit = createMovableDeadline(() => stop.abort(tooLate(limitSeconds)));
  return {
    async wait(work) {
      limit.moveTo(limitSeconds * 1000);
      try {
        return await work;
      } catch (cause) {
        limit.clear();
        throw told(cause, stop.signal);
      } finally {
        limit.pause();
      }
    },
    end: () => limit.clear(),
  };
}

function told(cause: unknown, signal: AbortSignal): ApiError {
  const reason: unknown = signal.aborted ? signal.reason : cause;
  if (reason instanceof ApiError) return reason;
  return signal.aborted
    ? clientLeft()
    : badGateway("The speech origin's answer broke off or was malformed.", cause);
}
