// What an isolate remembers, it remembers for a while by the clock of its machine, the only one that a Worker has. That clock may be
// set: back, and a key that was revoked since would be good for an hour more. So a span has a beginning as well as an end.

/** For how long something is remembered, in milliseconds of Unix time. */
export interface Span {
  fromMs: number;
  untilMs: number;
}

/** From now on for so long. */
export function spanOf(milliseconds: number, nowMs = Date.now()): Span {
  return { fromMs: nowMs, untilMs: nowMs + milliseconds };
}

/** Whether now is in it: not after its end, and not before its beginning, which a clock that was set back would have it. */
export function isWithin({ fromMs, untilMs }: Span, nowMs = Date.now()): boolean {
  return fromMs <= nowMs && nowMs < untilMs;
}
