import { deadlineExceeded } from "../../shared/deadline.ts";
import type { SpeechAnswer } from "./answer.ts";

/**
 * Waits for an answer that begins in time. After `limitMs` milliseconds its work is stopped through `stop`, wherever it
 * is, since nobody waits for it any more, and a 504 is thrown. Without a limit it may take as long as it takes.
 */
export async function inTime(
  begun: Promise<SpeechAnswer>,
  limitMs: number | undefined,
  stop: AbortController,
): Promise<SpeechAnswer> {
  if (limitMs === undefined) return begun;
  const tooLate = deadlineExceeded(limitMs / 1000);
  const timer = setTimeout(() => stop.abort(tooLate), limitMs);
  try {
    return await begun;
  } catch (cause) {
    throw stop.signal.reason === tooLate ? tooLate : cause;
  } finally {
    clearTimeout(timer);
  }
}
