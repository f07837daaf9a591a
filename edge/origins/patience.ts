import { ApiError } from "../../shared/api-error.ts";
import { badGateway, clientLeft } from "../errors.ts";

/** Waits for one thing an origin owes. Whatever goes wrong is thrown as the ApiError the client is told. */
export type Wait = <T>(work: Promise<T>) => Promise<T>;

/**
 * Every wait on an origin has this limit: one that falls silent, before its answer or in the midst of it, is given up
 * through `stop`. A slow client costs the origin nothing, since its time passes between two waits.
 */
export function createPatience(
  limitSeconds: number,
  tooLate: (seconds: number) => ApiError,
  stop: AbortController,
): Wait {
  return async (work) => {
    const giveUp = () => stop.abort(tooLate(limitSeconds));
    const timer = setTimeout(giveUp, limitSeconds * 1000);
    try {
      return await work;
    } catch (cause) {
      throw told(cause, stop.signal);
    } finally {
      clearTimeout(timer);
    }
  };
}

function told(cause: unknown, signal: AbortSignal): ApiError {
  const reason: unknown = signal.aborted ? signal.reason : cause;
  if (reason instanceof ApiError) return reason;
  return signal.aborted
    ? clientLeft()
    : badGateway("The speech origin's answer broke off or was malformed.", cause);
}
