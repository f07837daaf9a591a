/**
 * How much longer than the speech itself its listener would wait for all of it, in seconds, when an engine divides its
 * time equally among the streams. Until a newcomer of `seconds` has been spoken, each other is spoken to its end or as far,
 * at `speed` seconds of sound in a second for all together. The newcomer hears `seconds` of it meanwhile.
 */
export function delaySeconds(seconds: number, owed: readonly number[], speed: number): number {
  const work = owed.reduce((sum, other) => sum + Math.min(other, seconds), seconds);
  return Math.max(0, work / speed - seconds);
}
