import { setTimeout as delay } from "node:timers/promises";

const dayMs = 24 * 60 * 60 * 1000;

/** Waits for the next day of UTC unless this one lasts that long yet. */
export async function restOfDay(seconds: number): Promise<void> {
  const restMs = dayMs - (Date.now() % dayMs);
  if (restMs < seconds * 1000) await delay(restMs + 100);
}
