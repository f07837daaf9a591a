import { afterAll, beforeAll, expect, it } from "vitest";
import { createScheduler, type Speaker } from "../../../../origin/engine/qwen3/scheduler.ts";
import type { Generator } from "../../../../origin/model/generate/generator.ts";
import { resolveSampling } from "../../../../origin/model/generate/sampling-options.ts";
import { type LoadedPack, openPack } from "../../../../origin/model/pack/open-pack.ts";
import { layOutPrompt } from "../../../../origin/model/prompt/prompt-layout.ts";
import { tokenizePrompt } from "../../../../origin/model/prompt/prompt-text.ts";
import { voiceTokens } from "../../../../origin/model/prompt/voice-tokens.ts";
import { failureOf } from "../../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../../support/packs.ts";

let models: TemporaryModels;
let pack: LoadedPack;
let steps: { rows: number; frames: number }[];
let generator: Generator;

beforeAll(async () => {
  models = temporaryModels();
  pack = await openPack(await models.build("0.6b-custom-voice"), { threads: 1 });
  generator = {
    ...pack.generator,
    step(streams, frames) {
      steps.push({ rows: streams.length, frames });
      return pack.generator.step(streams, frames);
    },
  };
});

afterAll(async () => {
  await pack.close();
  models.remove();
});

async function createSpeaker(seed: number): Promise<Speaker> {
  const text = tokenizePrompt(pack.tokenizer, "hello world", null);
  const voice = voiceTokens(pack.config.talker_config, { speaker: "ryan", language: "auto" });
  const prompt = await pack.embedder.embed(layOutPrompt(pack.config, text, voice, "whole"));
  const sampling = resolveSampling(pack.generation, {});
  const stream = pack.generator.start(prompt, { seed, maxFrames: 40, ...sampling });
  return { stream, codec: pack.openCodec() };
}

const signal = new AbortController().signal;

it("reads prompts alone and shares every step after them", async () => {
  steps = [];
  const scheduler = createScheduler(generator);
  const speakers = await Promise.all([1, 2, 3, 4].map(createSpeaker));
  const frames = await Promise.all(
    speakers.map(async (speaker) => {
      for (;;) {
        const { finish } = await scheduler.next(speaker, signal);
        if (finish) return speaker.stream.frames;
      }
    }),
  );

  expect(Math.min(...frames)).toBeGreaterThan(0);
  expect(steps.slice(0, 4)).toEqual(Array(4).fill({ rows: 1, frames: 1 }));
  expect(steps.slice(4, 7)).toEqual([1, 2, 4].map((frames) => ({ rows: 4, frames })));
});

it("takes a newcomer in between two steps of the others", async () => {
  steps = [];
  const scheduler = createScheduler(generator);
  const [first, second] = await Promise.all([5, 6].map(createSpeaker));
  if (!first || !second) throw new Error("two speakers were made");
  await scheduler.next(first, signal);
  await scheduler.next(first, signal);
  await Promise.all([scheduler.next(first, signal), scheduler.next(second, signal)]);

  expect(steps.map(({ frames }) => frames)).toEqual([1, 1, 1, 2]);
  expect(second.stream.frames).toBe(1);
});

it("gives no turn to one who left while waiting, and goes on with the others", async () => {
  steps = [];
  const scheduler = createScheduler(generator);
  const [first, second] = await Promise.all([7, 8].map(createSpeaker));
  if (!first || !second) throw new Error("two speakers were made");
  const leave = new AbortController();
  const left = failureOf(scheduler.next(first, leave.signal));
  const stayed = scheduler.next(second, signal);
  leave.abort(new Error("left"));

  expect(await left).toEqual(new Error("left"));
  expect((await stayed).pcm).toHaveLength(1920);
  expect(first.stream.frames).toBe(0);
});

it("fails the step's speakers, not the next ones, when the graph fails", async () => {
  const scheduler = createScheduler({
    ...generator,
    step: (streams, frames) =>
      streams.length > 0 && frames === 1 && streams[0] === broken.stream
        ? Promise.reject(new Error("out of memory"))
        : pack.generator.step(streams, frames),
  });
  const [broken, sound] = (await Promise.all([9, 10].map(createSpeaker))) as [Speaker, Speaker];
  const outcomes = [failureOf(scheduler.next(broken, signal)), scheduler.next(sound, signal)];

  expect(await outcomes[0]).toEqual(new Error("out of memory"));
  expect(await outcomes[1]).toMatchObject({ finish: null });
});

it("fails a speaker whose codes cannot be decoded, and none of those it shares a step with", async () => {
  const scheduler = createScheduler(generator);
  const [broken, sound] = (await Promise.all([11, 12].map(createSpeaker))) as [Speaker, Speaker];
  await Promise.all([scheduler.next(broken, signal), scheduler.next(sound, signal)]);
  broken.codec = { push: () => Promise.reject(new RangeError("no such code")) };
  steps = [];
  const outcomes = [failureOf(scheduler.next(broken, signal)), scheduler.next(sound, signal)];

  expect(await outcomes[0]).toEqual(new RangeError("no such code"));
  expect((await outcomes[1]) as object).toMatchObject({ pcm: expect.any(Float32Array) });
  expect(steps).toEqual([{ rows: 2, frames: 1 }]);
});
