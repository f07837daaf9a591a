/**
 * What listeners wait for each other when an engine divides its time equally among their streams, at `speed` seconds of
 * sound in a second for all together. What is `owed` is in seconds of sound, one number for each stream under way.
 */

/**
 * How much longer than the speech itself its listener would wait for all of it, in seconds. Until a newcomer of `seconds`
 * has been spoken, each other is spoken to its end or as far. The newcomer hears `seconds` of it meanwhile.
 */
export function delaySeconds(seconds: number, owed: readonly number[], speed: number): number {
  const work = owed.reduce((sum, other) => sum + Math.min(other, seconds), seconds);
  return Math.max(0, work / speed - seconds);
}

/** In how many seconds a newcomer would be at most `maxDelay` late, or nobody else would be there any more. */
export function secondsUntilInTime(
  seconds: number,
  owed: readonly number[],
  speed: number,
  maxDelay: number,
): number {
  let tooSoon = 0;
  let enough = owed.reduce((sum, other) => sum + other, 0) / speed;
  // Closer than any of this is known.
  while (enough - tooSoon > 0.01) {
    const middle = (tooSoon + enough) / 2;
    if (delaySeconds(seconds, owedAfter(middle, owed, speed), speed) <= maxDelay) enough = middle;
    else tooSoon = middle;
  }
  return tooSoon;
}

/** What is left to speak after so many seconds. */
function owedAfter(seconds: number, owed: readonly number[], speed: number): number[] {
  let sound = seconds * speed;
  let spokenOfEach = 0;
  const shortestFirst = [...owed].sort((a, b) => a - b);
  for (const [index, other] of shortestFirst.entries()) {
    const sharers = shortestFirst.length - index;
    const share = Math.min(other - spokenOfEach, sound / sharers);
    spokenOfEach += share;
    sound -= share * sharers;
  }
  return owed.map((other) => Math.max(0, other - spokenOfEach));
}
