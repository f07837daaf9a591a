import { setTimeout as delay } from "node:timers/promises";

const minuteMs = 60 * 1000;
const dayMs = 24 * 60 * minuteMs;

/** Waits for the next day of UTC unless this one lasts that long yet. */
export function restOfDay(seconds: number): Promise<void> {
  return rest(dayMs, seconds);
}

/** Waits for the next minute of the clock, by which Miniflare's rate limits count, unless this one lasts that long yet. */
export function restOfMinute(seconds: number): Promise<void> {
  return rest(minuteMs, seconds);
}

/** A timer may be early by a little. */
async function rest(periodMs: number, seconds: number): Promise<void> {
  const restMs = periodMs - (Date.now() % periodMs);
  if (restMs < seconds * 1000) await delay(restMs + 100);
}
