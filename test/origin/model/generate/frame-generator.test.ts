import { afterAll, beforeAll, expect, test } from "vitest";
import type { Generator, Stream } from "../../../../origin/model/generate/generator.ts";
import { generatorKindOf } from "../../../../origin/model/generate/generator-kind.ts";
import type { StreamOptions } from "../../../../origin/model/generate/stream-state.ts";
import { openGenerator } from "../../../support/generator.ts";
import { pico, presetVoiceCases } from "../../../support/golden-cases.ts";

const checkpoint = `${pico.directory}/checkpoints/pico-1.7b-voice-design`;
const cases = presetVoiceCases(pico).filter((golden) => golden.checkpoint === checkpoint);
const sampling = { temperature: 0.9, topK: 50, topP: 0.9, greedy: false };
const greedy = { ...sampling, greedy: true };

let loop: Awaited<ReturnType<typeof openGenerator>>;
/** What WebGPU is given, on the CPU. */
let frame: Awaited<ReturnType<typeof openGenerator>>;
beforeAll(async () => {
  loop = await openGenerator(checkpoint);
  frame = await openGenerator(checkpoint, { kind: generatorKindOf("webgpu") });
});
afterAll(async () => {
  await loop.close();
  await frame.close();
});

function optionsOf(decoder: typeof greedy, maxFrames: number): StreamOptions {
  return { seed: 7, maxFrames, repetitionPenalty: 1.05, talker: decoder, predictor: decoder };
}

/** Codes and ends of streams that step together. */
async function speak(generator: Generator, streams: readonly Stream[], frames: number) {
  const codes = streams.map((): number[] => []);
  for (const [index, stream] of streams.entries()) {
    const [chunk] = await generator.step([stream], 1);
    codes[index]?.push(...Array.from(chunk?.codes ?? [], Number));
  }
  for (;;) {
    const running = streams.filter(({ finish }) => !finish);
    if (running.length === 0) break;
    for (const [index, chunk] of (await generator.step(running, frames)).entries()) {
      const stream = running[index];
      if (stream) codes[streams.indexOf(stream)]?.push(...Array.from(chunk.codes, Number));
    }
  }
  return streams.map(({ finish }, index) => ({ codes: codes[index], finish }));
}

test("makes the official codes a frame at a time, from prompts of any length and in any company", async () => {
  // One is read in three calls.
  expect(cases.map((golden) => golden.prompt_length)).toEqual([83, 24]);
  const streams: Stream[] = [];
  for (const golden of cases) {
    const options = optionsOf(greedy, golden.max_new_tokens - 1);
    streams.push(frame.generator.start(await frame.promptOf(golden), options));
  }

  expect(await speak(frame.generator, streams, 3)).toEqual(
    cases.map(({ codes, stop }) => ({
      codes: codes.flat(),
      finish: stop === "eos" ? "stop" : "length",
    })),
  );
});

test("draws what the loop draws", async () => {
  const said = [];
  for (const { generator, promptOf } of [loop, frame]) {
    const golden = cases[1];
    if (!golden) throw new Error("there is no second case");
    const stream = generator.start(await promptOf(golden), optionsOf(sampling, 12));
    said.push(await speak(generator, [stream], 5));
  }

  expect(said[1]).toEqual(said[0]);
  expect(said[0]?.[0]?.codes?.length).toBeGreaterThan(16);
});

test("a stream that was released is no longer one of the generator's", async () => {
  const golden = cases[1];
  if (!golden) throw new Error("there is no second case");
  for (const { generator, promptOf } of [loop, frame]) {
    const stream = generator.start(await promptOf(golden), optionsOf(greedy, 9));
    await generator.step([stream], 1);
    generator.release(stream);

    await expect(generator.step([stream], 1)).rejects.toThrow(
      "the stream is not one of this generator",
    );
  }
});
