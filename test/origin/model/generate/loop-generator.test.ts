import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Chunk, Generator, Stream } from "../../../../origin/model/generate/generator.ts";
import type { StreamOptions } from "../../../../origin/model/generate/stream-state.ts";
import { openGenerator } from "../../../support/generator.ts";
import { type GoldenCase, pico, presetVoiceCases } from "../../../support/golden-cases.ts";

const greedy = { temperature: 1, topK: 0, topP: 1, greedy: true };
const sampled = { temperature: 0.9, topK: 50, topP: 1, greedy: false };

function greedyOptions(golden: GoldenCase): StreamOptions {
  return {
    seed: 0,
    maxFrames: golden.max_new_tokens - 1,
    repetitionPenalty: 1.05,
    talker: greedy,
    predictor: greedy,
  };
}

function sampledOptions(seed: number, maxFrames = 20): StreamOptions {
  return { seed, maxFrames, repetitionPenalty: 1.05, talker: sampled, predictor: sampled };
}

/** Rows of 16 codes. */
function rows(chunks: readonly Chunk[]): number[][] {
  const codes = chunks.flatMap((chunk) => Array.from(chunk.codes, Number));
  return Array.from({ length: codes.length / 16 }, (_, row) =>
    codes.slice(row * 16, (row + 1) * 16),
  );
}

/** Runs a stream alone to its end, by chunks of `frames`. */
async function runAlone(generator: Generator, stream: Stream, frames: number) {
  const chunks: Chunk[] = [];
  while (!stream.finish) chunks.push(...(await generator.step([stream], frames)));
  return { codes: rows(chunks), finish: stream.finish };
}

/** Runs streams together: each reads its prompt alone, with one frame, then joins those before it for two frames. */
async function runTogether(generator: Generator, streams: readonly Stream[], frames: number) {
  const chunks = new Map(streams.map((stream) => [stream, [] as Chunk[]]));
  const step = async (some: readonly Stream[], count: number) => {
    const made = await generator.step(some, count);
    some.forEach((stream, index) => {
      chunks.get(stream)?.push(made[index] ?? { codes: new BigInt64Array(0), finish: null });
    });
  };
  const running = (some: readonly Stream[]) => some.filter(({ finish }) => !finish);
  for (const [index, stream] of streams.entries()) {
    await step([stream], 1);
    const joined = running(streams.slice(0, index + 1));
    if (joined.length > 0) await step(joined, 2);
  }
  for (let left = running(streams); left.length > 0; left = running(left)) await step(left, frames);
  return streams.map((stream) => ({
    codes: rows(chunks.get(stream) ?? []),
    finish: stream.finish,
  }));
}

describe("in float32", () => {
  const cases = presetVoiceCases(pico);

  describe.each([...new Set(cases.map(({ checkpoint }) => checkpoint))])("%s", (checkpoint) => {
    const own = cases.filter((golden) => golden.checkpoint === checkpoint);
    const expected = own.map(({ codes, stop }) => ({
      codes,
      finish: stop === "eos" ? "stop" : "length",
    }));
    let model: Awaited<ReturnType<typeof openGenerator>>;
    beforeAll(async () => {
      model = await openGenerator(checkpoint);
    });
    afterAll(() => model.close());
    const startAll = (optionsOf: (golden: GoldenCase, index: number) => StreamOptions) =>
      Promise.all(
        own.map(async (golden, index) =>
          model.generator.start(await model.promptOf(golden), optionsOf(golden, index)),
        ),
      );

    test.each([1, 2, 3, 7])("says the official codes by %i frames at a time", async (frames) => {
      const results = [];
      for (const stream of await startAll(greedyOptions)) {
        results.push(await runAlone(model.generator, stream, frames));
      }

      expect(results).toEqual(expected);
    });

    test("says the official codes in a batch of prompts of different lengths", async () => {
      const results = await runTogether(model.generator, await startAll(greedyOptions), 3);

      expect(results).toEqual(expected);
    });

    test("draws the same codes from a seed in chunks and batches of any size", async () => {
      const optionsOf = (_: GoldenCase, index: number) => sampledOptions(1000 + index);
      const alone = [];
      for (const stream of await startAll(optionsOf)) {
        alone.push(await runAlone(model.generator, stream, 100));
      }
      const inFives = [];
      for (const stream of await startAll(optionsOf)) {
        inFives.push(await runAlone(model.generator, stream, 5));
      }
      const together = await runTogether(model.generator, await startAll(optionsOf), 4);

      expect(inFives).toEqual(alone);
      expect(together).toEqual(alone);
      expect(new Set(alone.map(({ codes }) => String(codes))).size).toBe(own.length);
    });
  });
});

describe("in less than float32", () => {
  const cases = presetVoiceCases(pico).filter(({ checkpoint }) => checkpoint.includes("0.6b"));

  test.each(["float16", "int8", "int4"] as const)(
    "a steady %s generator keeps each stream apart",
    async (precision) => {
      const model = await openGenerator(cases[0]?.checkpoint ?? "", { precision, steady: true });
      onTestFinished(() => model.close());
      const startAll = () =>
        Promise.all(
          cases.map(async (golden, index) =>
            model.generator.start(await model.promptOf(golden), sampledOptions(index, 60)),
          ),
        );

      const alone = [];
      for (const stream of await startAll()) alone.push(await runAlone(model.generator, stream, 8));
      const together = await runTogether(model.generator, await startAll(), 5);

      expect(cases).toHaveLength(3);
      expect(together).toEqual(alone);
    },
  );
});

describe("a generator refuses", () => {
  const [golden] = presetVoiceCases(pico);
  if (!golden) throw new Error("pico has no cases");
  let model: Awaited<ReturnType<typeof openGenerator>>;
  beforeAll(async () => {
    model = await openGenerator(golden.checkpoint);
  });
  afterAll(() => model.close());
  const start = async (options = greedyOptions(golden)) =>
    model.generator.start(await model.promptOf(golden), options);

  test("two prompts in one step", async () => {
    const streams = [await start(), await start()];

    await expect(model.generator.step(streams, 1)).rejects.toThrow("a prompt must be read alone");
  });

  test("a stream that has ended", async () => {
    const stream = await start({ ...greedyOptions(golden), maxFrames: 0 });
    const chunks = await model.generator.step([stream], 4);

    expect(chunks).toEqual([{ codes: new BigInt64Array(0), finish: "length" }]);
    await expect(model.generator.step([stream], 1)).rejects.toThrow("the stream has ended");
  });

  test("a step while another is under way, and goes on after it", async () => {
    const stream = await start();
    const first = model.generator.step([stream], 1);

    await expect(model.generator.step([stream], 1)).rejects.toThrow("a step is under way");
    expect(rows(await first)).toEqual(golden.codes.slice(0, 1));
    expect(rows(await model.generator.step([stream], 1))).toEqual(golden.codes.slice(1, 2));
  });

  test("a stream of another generator", async () => {
    const stream = { frames: 0, finish: null };

    await expect(model.generator.step([stream], 1)).rejects.toThrow("not one of this generator");
  });
});
