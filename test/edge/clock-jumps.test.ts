import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSpeechBuffer } from "../../edge/flight/speech-buffer.ts";
import { createGuesses } from "../../edge/limits/guesses.ts";
import { createMovableDeadline } from "../../edge/movable-deadline.ts";
import { noteTrouble, troubledLast } from "../../edge/origins/troubles.ts";
import { isWithin, spanOf } from "../../edge/span.ts";
import { createKeptBytes } from "../../shared/kept-bytes.ts";

const hourMs = 60 * 60_000;
const jumps = [
  ["forwards by an hour", hourMs],
  ["back by an hour", -hourMs],
  ["back by five seconds", -5000],
] as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Sets the clock, as an operator or NTP does; no time passes. */
function setClock(byMs: number): void {
  vi.setSystemTime(Date.now() + byMs);
}

describe.each(jumps)("when the clock is set %s", (_, byMs) => {
  it("a limit that was set before is reached when its time has passed", () => {
    const onReached = vi.fn();
    createMovableDeadline(onReached).moveTo(20_000);
    vi.advanceTimersByTime(7000);
    setClock(byMs);

    vi.advanceTimersByTime(12_999);
    expect(onReached).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onReached).toHaveBeenCalledOnce();
  });

  it.each(["before", "after"])("a limit is reached in time that was moved %s it", (when) => {
    const onReached = vi.fn();
    const limit = createMovableDeadline(onReached);
    limit.moveTo(20_000);
    vi.advanceTimersByTime(7000);
    if (when === "after") setClock(byMs);
    limit.moveTo(20_000);
    if (when === "before") setClock(byMs);

    vi.advanceTimersByTime(19_999);
    expect(onReached).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2001);
    expect(onReached).toHaveBeenCalledOnce();
  });

  it("nothing is remembered for longer than twice its time", () => {
    const span = spanOf(5000);
    setClock(byMs);
    vi.advanceTimersByTime(10_000);
    expect(isWithin(span)).toBe(false);
  });

  it("an origin that failed is soon trusted again", () => {
    const [first, second] = [new URL("https://first.example"), new URL("https://second.example")];
    noteTrouble(first);
    expect(troubledLast([first, second])).toEqual([second, first]);
    setClock(byMs);
    vi.advanceTimersByTime(20_000);
    expect(troubledLast([first, second])).toEqual([first, second]);
  });

  it("who guessed keys is soon not refused any more", () => {
    const guesses = createGuesses();
    const guess = guesses.attempt("203.0.113.7");
    guess.beforeLookup("guessed");
    guess.failed();
    guess.refused();
    setClock(byMs);
    vi.advanceTimersByTime(20_000);
    expect(() => guesses.attempt("203.0.113.7").beforeLookup("next")).not.toThrow();
  });

  it("what is spoken does not gather until it is passed on", async () => {
    const asked: number[] = [];
    const buffer = createSpeechBuffer(
      {
        async read(atLeastBytes) {
          asked.push(atLeastBytes ?? 0);
          return [{ kind: "audio", bytes: new Uint8Array(48_000) }];
        },
        async cancel() {},
      },
      {
        bytesPerSecond: 48_000,
        maxBytes: 1e6,
        kept: createKeptBytes(1e6),
        oldestPlace: () => 0,
        onWhole: () => undefined,
        onFailed: () => undefined,
      },
    );
    for (let second = 0; second < 4; second++) {
      await buffer.read(second);
      vi.advanceTimersByTime(1000);
      if (second === 1) setClock(byMs);
    }
    // Each second has been played by the time that there is another; the one in which the clock was set may not count.
    expect(Math.max(...asked)).toBeLessThanOrEqual(24_000);
  });
});
