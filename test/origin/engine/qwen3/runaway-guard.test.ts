import { describe, expect, it } from "vitest";
import { createRunawayGuard } from "../../../../origin/engine/qwen3/runaway-guard.ts";
import type { FinishReason } from "../../../../origin/model/generate/stream-state.ts";
import { frames, samplesPerFrame } from "../../../support/frames-of-speech.ts";

const codebooks = 2;

interface Take {
  text: string;
  retryable: boolean;
  /** First codes; silent where they are negative. */
  codes: readonly number[];
  finish: FinishReason;
  /** Frames in a chunk. */
  chunk?: number;
}

/** Passes a take through the guard. Everything is counted in frames. */
function guard({ text, retryable, codes, finish, chunk = 4 }: Take) {
  const guarded = createRunawayGuard({
    text,
    retryable,
    codebooks,
    samplesPerFrame,
    sampleRate: 24_000,
  });
  const passed: number[] = [];
  for (let at = 0; at < codes.length; at += chunk) {
    const part = frames(codes.slice(at, at + chunk));
    const pcm = new Float32Array(part.flatMap(({ pcm }) => Array.from(pcm)));
    const both = BigInt64Array.from(part.flatMap(({ firstCode }) => [firstCode, 5n]));
    const isLast = at + chunk >= codes.length;
    const spoken = guarded.push({ codes: both, pcm, finish: isLast ? finish : null });
    passed.push(spoken.pcm.length / samplesPerFrame);
    if (spoken.finish) return { passed, total: sum(passed), finish: spoken.finish };
  }
  throw new Error("a take has an end");
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
const speech = (length: number) => Array.from({ length }, (_, i) => (i * i + 3 * i) % 61);
const silence = (length: number) => Array<number>(length).fill(-1);

const sentence = "A sentence that takes rather more than two seconds to say.";
const word = "Hello there";

describe("what is streamed", () => {
  const take = { text: sentence, retryable: true, finish: "stop" } as const;

  it("leaves as it comes, to the end that the model gave it", () => {
    const { passed, finish } = guard({ ...take, codes: speech(14) });
    expect(passed).toEqual([4, 4, 4, 2]);
    expect(finish).toBe("stop");
  });

  it("is held back in a pause of more than 1.2 s, and follows whole when speech goes on", () => {
    const { passed } = guard({ ...take, codes: [...speech(8), ...silence(20), ...speech(8)] });
    expect(passed).toEqual([4, 4, 4, 4, 4, 3, 0, 9, 4]);
  });

  it("is held back until it can be heard, where it can be spoken again", () => {
    const codes = [...silence(10), ...speech(8)];
    expect(guard({ ...take, codes }).passed).toEqual([0, 0, 12, 4, 2]);
    expect(guard({ ...take, retryable: false, codes }).passed).toEqual([4, 4, 4, 4, 2]);
  });

  it("keeps a long silence that the model ended itself", () => {
    expect(guard({ ...take, codes: [...speech(20), ...silence(37)] })).toMatchObject({
      total: 57,
      finish: "stop",
    });
  });

  it.each([1, 3, 8, 64])("ends where silence does not, in chunks of %i", (chunk) => {
    const codes = [...speech(20), ...silence(500)];
    const { total, finish, passed } = guard({ ...take, codes, finish: "length", chunk });
    expect({ total, finish }).toEqual({ total: 20 + 15, finish: "length" });
    expect(passed).toHaveLength(Math.ceil((20 + 38) / chunk));
  });

  it.each([1, 5, 8])("ends where a phrase of 3 frames repeats, in chunks of %i", (chunk) => {
    const codes = [...speech(20), ...Array.from({ length: 500 }, (_, i) => 70 + (i % 3))];
    const { total, finish } = guard({ ...take, codes, finish: "length", chunk });
    expect({ total, finish }).toEqual({ total: 20 + 25, finish: "length" });
  });

  it("loses what is in doubt at the ceiling, and nothing else", () => {
    const ending = { ...take, finish: "length" } as const;
    expect(guard({ ...ending, codes: [...speech(20), ...silence(30)] }).total).toBe(35);
    expect(guard({ ...ending, codes: speech(50) }).total).toBe(50);
  });

  it("is degenerate when nothing of it could be heard", () => {
    expect(guard({ ...take, codes: silence(60), finish: "length" })).toMatchObject({
      total: 0,
      finish: "degenerate",
    });
    expect(guard({ ...take, codes: silence(10) }).finish).toBe("degenerate");
  });

  it("goes on when it was heard, or cannot be spoken again", () => {
    const lost = { ...take, finish: "length" } as const;
    expect(guard({ ...lost, codes: [5, ...silence(60)] }).finish).toBe("length");
    expect(guard({ ...lost, retryable: false, codes: silence(60) }).finish).toBe("length");
  });
});

describe("a short text that can be spoken again", () => {
  const take = { text: word, retryable: true, finish: "stop" } as const;

  it("is held back until it is whole", () => {
    const { passed, finish } = guard({ ...take, codes: speech(14) });
    expect(passed).toEqual([0, 0, 0, 14]);
    expect(finish).toBe("stop");
  });

  it.each([
    ["reaches the ceiling", { codes: speech(50), finish: "length" }],
    ["goes on in silence", { codes: [...speech(10), ...silence(60)] }],
    ["repeats", { codes: Array<number>(60).fill(3) }],
    ["is silent", { codes: silence(10) }],
    ["ends at once", { codes: speech(2) }],
  ] as const)("is degenerate when it %s", (_, fields) => {
    expect(guard({ ...take, ...fields })).toMatchObject({ total: 0, finish: "degenerate" });
  });

  it("sounds the same when it cannot, but at once", () => {
    const codes = [...speech(10), ...silence(60)];
    expect(guard({ ...take, retryable: false, codes })).toEqual({
      passed: [4, 4, 4, 4, 4, 4, 1, 0, 0, 0, 0, 0],
      total: 25,
      finish: "length",
    });
  });

  it.each(["...", "—", "?!"])("may be silence where there is nothing to say: %j", (text) => {
    expect(guard({ ...take, text, codes: silence(10) })).toMatchObject({
      total: 10,
      finish: "stop",
    });
  });
});
