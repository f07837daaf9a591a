/** What a key may use up. A limit that is left out does not limit. */
export interface KeyLimits {
  requestsPerMinute?: number;
  /** Code points of `input`, by days of UTC. */
  charactersPerDay?: number;
}

/** What a key has used up. */
export interface Usage {
  requests: number;
  /** Unix time. A minute begins with the first request after the end of the one before. */
  minuteEndsAtMs: number;
  characters: number;
  /** Days since 1970, UTC. */
  day: number;
}

/** What is left of one limit. */
export interface Allowance {
  limit: number;
  remaining: number;
  /** Until all of it can be had again. */
  resetSeconds: number;
}

export interface Reservation {
  /** The limit that refused it. */
  exceeded: "requests" | "characters" | undefined;
  /** The day its characters were taken from. */
  day: number;
  requests: Allowance | undefined;
  characters: Allowance | undefined;
}

/** The account of one key: what has been used up, counted in one place. */
export interface QuotaAccount {
  /** Takes requests, one unless it is told otherwise, and their characters from what is left, or neither. */
  reserve(characters: number, limits: KeyLimits, requests?: number): Reservation;
  /** Gives characters back to the day they were taken from. */
  refund(characters: number, day: number): void;
}

const minuteMs = 60 * 1000;
const dayMs = 24 * 60 * minuteMs;

export const unused: Usage = { requests: 0, minuteEndsAtMs: 0, characters: 0, day: 0 };

/** Takes requests and their characters from what is left at `nowMs`, or neither where the limits forbid one of them. */
export function reserve(
  before: Usage,
  characters: number,
  { requestsPerMinute, charactersPerDay }: KeyLimits,
  nowMs: number,
  requests = 1,
): { usage: Usage; reservation: Reservation } {
  const current = atTime(before, nowMs);
  const next = {
    ...current,
    requests: current.requests + requests,
    characters: current.characters + characters,
  };
  const exceeded =
    next.requests > (requestsPerMinute ?? Infinity)
      ? "requests"
      : next.characters > (charactersPerDay ?? Infinity)
        ? "characters"
        : undefined;
  const usage = exceeded ? current : next;
  const { minuteEndsAtMs, day } = usage;
  const reservation = {
    exceeded,
    day,
    requests: allowance(requestsPerMinute, usage.requests, minuteEndsAtMs - nowMs),
    characters: allowance(charactersPerDay, usage.characters, (day + 1) * dayMs - nowMs),
  } as const;
  return { usage, reservation };
}

/** Gives characters back to the day they were taken from, if it still lasts. */
export function refund(usage: Usage, characters: number, day: number): Usage {
  return day === usage.day ? { ...usage, characters: usage.characters - characters } : usage;
}

/** The day of UTC that a Unix time is in. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs);
}

function atTime(usage: Usage, nowMs: number): Usage {
  const minute =
    nowMs < usage.minuteEndsAtMs ? usage : { requests: 0, minuteEndsAtMs: nowMs + minuteMs };
  const today = dayOf(nowMs);
  const { requests, minuteEndsAtMs } = minute;
  // Clocks of two machines differ: a day that has begun is not left again.
  if (today <= usage.day) return { ...usage, requests, minuteEndsAtMs };
  return { requests, minuteEndsAtMs, characters: 0, day: today };
}

function allowance(
  limit: number | undefined,
  used: number,
  resetMs: number,
): Allowance | undefined {
  if (limit === undefined) return undefined;
  return { limit, remaining: Math.max(0, limit - used), resetSeconds: Math.ceil(resetMs / 1000) };
}
