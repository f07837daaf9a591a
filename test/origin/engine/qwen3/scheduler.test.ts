import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  createScheduler,
  type ScheduledUtterance,
} from "../../../../origin/engine/qwen3/scheduler.ts";
import type { CodecStream } from "../../../../origin/model/codec/codec-stream.ts";
import type { Generator, Stream } from "../../../../origin/model/generate/generator.ts";
import { resolveSampling } from "../../../../origin/model/generate/sampling-options.ts";
import { type LoadedPack, openPack } from "../../../../origin/model/pack/open-pack.ts";
import { layOutPrompt } from "../../../../origin/model/prompt/prompt-layout.ts";
import { tokenizePrompt } from "../../../../origin/model/prompt/prompt-text.ts";
import { voiceTokens } from "../../../../origin/model/prompt/voice-tokens.ts";
import { failureOf } from "../../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../../support/packs.ts";

let models: TemporaryModels;
let folder: string;
let pack: LoadedPack;
let steps: { rows: number; frames: number }[];
let generator: Generator;

beforeAll(async () => {
  models = temporaryModels();
  folder = await models.build("0.6b-custom-voice");
  pack = await openPack(folder, { threads: 1 });
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

async function createStream(seed: number, { generator }: LoadedPack = pack): Promise<Stream> {
  const text = tokenizePrompt(pack.tokenizer, "hello world", null);
  const voice = voiceTokens(pack.config.talker_config, { speaker: "ryan", language: "auto" });
  const prompt = await pack.embedder.embed(layOutPrompt(pack.config, text, voice, "whole"));
  const sampling = resolveSampling(pack.generation, {});
  return generator.start(prompt, { seed, maxFrames: 40, ...sampling });
}

const createStreams = (...seeds: number[]) => Promise.all(seeds.map((seed) => createStream(seed)));

/** By default as if nothing took any time. */
function schedulerOf(stepper: Partial<Generator> = {}, clock = () => 0, decodesBeside = false) {
  return createScheduler({
    generator: { ...generator, ...stepper },
    decodesBeside,
    limits: { rows: 16, frames: 8 },
    codebooks: 16,
    secondsPerFrame: 0.08,
    clock,
  });
}

/** As if everything took 50 ms, more than is made meanwhile. */
function slowClock(): () => number {
  let now = 0;
  return () => {
    now += 0.05;
    return now;
  };
}

const signal = new AbortController().signal;
/** Whatever else is heard. */
const alone = { promptPositions: 20, expectedFrames: 40 };

/** Everything a voice says, in the chunks it says it in. */
async function listen(voice: ScheduledUtterance): Promise<Float32Array[]> {
  const chunks: Float32Array[] = [];
  for (;;) {
    const { pcm, finish } = await voice.next(signal);
    if (pcm.length > 0) chunks.push(pcm);
    if (finish) return chunks;
  }
}

/** Feeds a codec in the cuts that every utterance is decoded in. */
async function decodeAlone(seed: number): Promise<Float32Array[]> {
  const stream = await createStream(seed);
  const codec = pack.openCodec();
  const chunks: Float32Array[] = [];
  while (!stream.finish) {
    const cut = Math.max(1, Math.min(8, stream.frames));
    const [made] = await pack.generator.step([stream], cut);
    if (made?.codes.length) chunks.push(await codec.push(made.codes));
  }
  return chunks;
}

it("reads prompts alone, and lets all share the steps after them", async () => {
  steps = [];
  const scheduler = schedulerOf();
  const streams = await createStreams(1, 2, 3, 4);
  await Promise.all(
    streams.map((stream) => listen(scheduler.open(stream, pack.openCodec(), alone))),
  );

  expect(Math.min(...streams.map(({ frames }) => frames))).toBeGreaterThan(0);
  expect(steps[0]).toEqual({ rows: 1, frames: 1 });
  const shared = steps.findIndex(({ rows }) => rows === 4);
  const single = steps.slice(0, shared).filter(({ rows, frames }) => rows === 1 && frames === 1);
  expect(single.length).toBeGreaterThanOrEqual(4);
  // A step for each newcomer at most, while those before it have almost nothing to play.
  expect(shared).toBeLessThanOrEqual(7);
});

it("sounds the same to the last bit in any company", async () => {
  const seeds = [21, 22, 23, 24, 25];
  const expected = [];
  for (const seed of seeds) expected.push(await decodeAlone(seed));
  const scheduler = schedulerOf();
  const streams = await createStreams(...seeds);
  const together = await Promise.all(
    streams.map(async (stream, index) => {
      // They come one after the other, and so are at different places of their cuts.
      for (let turn = 0; turn < 5 * index; turn++) await new Promise(setImmediate);
      return listen(scheduler.open(stream, pack.openCodec(), alone));
    }),
  );

  expect(together).toEqual(expected);
  expect(new Set(expected.map(([first]) => String(first))).size).toBe(seeds.length);
});

it("takes a newcomer in after the step that the others cannot do without", async () => {
  steps = [];
  const scheduler = schedulerOf({}, slowClock());
  const [first, second] = (await createStreams(5, 6)) as [Stream, Stream];
  const voice = scheduler.open(first, pack.openCodec(), alone);
  await voice.next(signal);
  await voice.next(signal);
  const newcomer = scheduler.open(second, pack.openCodec(), alone);
  await Promise.all([voice.next(signal), newcomer.next(signal)]);

  expect(steps.map(({ frames }) => frames)).toEqual([1, 1, 2, 1]);
  expect(second.frames).toBe(1);
});

it("gives no turn to one who left while waiting, and goes on with the others", async () => {
  const scheduler = schedulerOf();
  const [first, second] = (await createStreams(7, 8)) as [Stream, Stream];
  const leave = new AbortController();
  const left = failureOf(scheduler.open(first, pack.openCodec(), alone).next(leave.signal));
  const stayed = scheduler.open(second, pack.openCodec(), alone).next(signal);
  leave.abort(new Error("left"));

  expect(await left).toEqual(new Error("left"));
  expect((await stayed).pcm).toHaveLength(1920);
  expect(first.frames).toBe(0);
});

it("fails the step's speakers, not the next ones, when the graph fails", async () => {
  const [broken, sound] = (await createStreams(9, 10)) as [Stream, Stream];
  const scheduler = schedulerOf({
    step: (streams, frames) =>
      streams[0] === broken
        ? Promise.reject(new Error("out of memory"))
        : pack.generator.step(streams, frames),
  });
  const outcomes = [
    failureOf(scheduler.open(broken, pack.openCodec(), alone).next(signal)),
    scheduler.open(sound, pack.openCodec(), alone).next(signal),
  ];

  expect(await outcomes[0]).toEqual(new Error("out of memory"));
  expect(await outcomes[1]).toMatchObject({ finish: null });
});

it("fails a speaker whose codes cannot be decoded, and none of those it shares a step with", async () => {
  const scheduler = schedulerOf();
  const [broken, sound] = (await createStreams(11, 12)) as [Stream, Stream];
  const codec: CodecStream = { ...pack.openCodec() };
  const voices = [
    scheduler.open(broken, codec, alone),
    scheduler.open(sound, pack.openCodec(), alone),
  ] as const;
  await Promise.all(voices.map((voice) => voice.next(signal)));
  codec.push = () => Promise.reject(new RangeError("no such code"));
  steps = [];
  const outcomes = [failureOf(voices[0].next(signal)), voices[1].next(signal)];

  expect(await outcomes[0]).toEqual(new RangeError("no such code"));
  expect((await outcomes[1]) as object).toMatchObject({ pcm: expect.any(Float32Array) });
  expect(steps.at(-1)).toMatchObject({ rows: 2 });
});

it("speaks what a listener hears later once nothing before it is to come, and gives up who leaves meanwhile", async () => {
  const listener = { id: "somebody", speed: 1 };
  const scheduler = schedulerOf({}, slowClock());
  const [first, second] = (await createStreams(13, 14)) as [Stream, Stream];
  const heard = scheduler.open(first, pack.openCodec(), { ...alone, listener });
  await heard.next(signal);
  const later = scheduler.open(second, pack.openCodec(), { ...alone, listener });
  const leave = new AbortController();
  const left = failureOf(later.next(leave.signal));
  await heard.next(signal);
  expect(second.frames).toBe(0);
  leave.abort(new Error("left"));
  expect(await left).toEqual(new Error("left"));

  const waiting = later.next(signal);
  await heard.next(signal);
  expect(second.frames).toBe(0);
  heard.close();
  expect((await waiting).pcm).toHaveLength(1920);
});

describe("with a codec that decodes beside the steps", () => {
  /** A codec that is done when it is told to. */
  function slowCodec() {
    const pushed: { frames: number; finish(): void; fail(reason: Error): void }[] = [];
    let closed = 0;
    const codec: CodecStream = {
      push: (codes) =>
        new Promise((resolve, reject) => {
          const frames = codes.length / 16;
          const finish = () => resolve(new Float32Array(frames * 1920));
          pushed.push({ frames, finish, fail: reject });
        }),
      close() {
        closed++;
      },
    };
    return { codec, pushed, closed: () => closed };
  }

  const beside = (stepper: Partial<Generator> = {}) => schedulerOf(stepper, () => 0, true);
  const settled = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  };

  it("makes the frames of a stream's next sound meanwhile, and no more", async () => {
    steps = [];
    const [stream] = (await createStreams(15)) as [Stream];
    const { codec, pushed } = slowCodec();
    const voice = beside().open(stream, codec, alone);
    const first = voice.next(signal);
    await vi.waitFor(() => expect(stream.frames).toBe(2));
    await settled();
    expect(steps.map(({ frames }) => frames)).toEqual([1, 1]);
    expect(pushed.map(({ frames }) => frames)).toEqual([1]);

    pushed[0]?.finish();
    expect((await first).pcm).toHaveLength(1920);
    await settled();
    // Its listener has not asked for more.
    expect(pushed).toHaveLength(1);
    void voice.next(signal);
    await vi.waitFor(() => expect(stream.frames).toBe(4));
    expect(pushed.map(({ frames }) => frames)).toEqual([1, 1]);
  });

  it("does so too while what its listener hears later waits for its prompt to be read", async () => {
    const listener = { id: "somebody", speed: 1 };
    const scheduler = schedulerOf({}, slowClock(), true);
    const [heard, later] = (await createStreams(35, 36)) as [Stream, Stream];
    const { codec, pushed } = slowCodec();
    const voice = scheduler.open(heard, codec, { ...alone, listener });
    const first = voice.next(signal);
    await vi.waitFor(() => expect(pushed).toHaveLength(1));
    const waiting = scheduler.open(later, pack.openCodec(), { ...alone, listener }).next(signal);
    waiting.catch(() => {});
    pushed[0]?.finish();
    await first;
    await settled();
    void voice.next(signal);
    await vi.waitFor(() => expect(pushed).toHaveLength(2));
    // Two that have been said, and two for what comes next.
    await vi.waitFor(() => expect(heard.frames).toBe(4));
    expect(pushed.map(({ frames }) => frames)).toEqual([1, 1]);
    expect(later.frames).toBe(0);
  });

  it("sounds the same to the last bit in any company", async () => {
    const apart = await openPack(folder, { threads: 2, apart: true });
    try {
      const scheduler = createScheduler({
        generator: apart.generator,
        decodesBeside: true,
        limits: { rows: 16, frames: 8 },
        codebooks: 16,
        secondsPerFrame: 0.08,
      });
      const seeds = [21, 22, 23];
      const together = await Promise.all(
        seeds.map(async (seed) => {
          const stream = await createStream(seed, apart);
          return listen(scheduler.open(stream, apart.openCodec(), alone));
        }),
      );
      const expected = [];
      for (const seed of seeds) expected.push(await decodeAlone(seed));
      expect(together).toEqual(expected);
    } finally {
      await apart.close();
    }
  });

  it("decodes the first frame of a newcomer before what others have waiting, and nothing for who has left", async () => {
    const [first, second, newcomer] = (await createStreams(31, 32, 33)) as [Stream, Stream, Stream];
    const codecs = [slowCodec(), slowCodec(), slowCodec()] as const;
    const scheduler = schedulerOf({}, slowClock(), true);
    const voices = [first, second].map((stream, index) =>
      scheduler.open(stream, (codecs[index] ?? codecs[0]).codec, alone),
    );
    for (const [index, voice] of voices.entries()) {
      const heard = voice.next(signal);
      await vi.waitFor(() => expect(codecs[index]?.pushed).toHaveLength(1));
      codecs[index]?.pushed[0]?.finish();
      await heard;
    }
    void voices[0]?.next(signal);
    await vi.waitFor(() => expect(codecs[0].pushed).toHaveLength(2));
    void voices[1]?.next(signal);
    const leave = new AbortController();
    const [other] = (await createStreams(34)) as [Stream];
    const unheard = slowCodec();
    const left = failureOf(scheduler.open(other, unheard.codec, alone).next(leave.signal));
    await vi.waitFor(() => expect(other.frames).toBeGreaterThan(0));
    await settled();
    leave.abort(new Error("left"));
    void scheduler.open(newcomer, codecs[2].codec, alone).next(signal);
    await vi.waitFor(() => expect(newcomer.frames).toBeGreaterThan(0));
    await settled();
    expect([codecs[1].pushed.length, codecs[2].pushed.length]).toEqual([1, 0]);
    codecs[0].pushed[1]?.finish();
    await vi.waitFor(() => expect(codecs[2].pushed).toHaveLength(1));
    // Whoever has left by then has nothing decoded.
    expect(await left).toEqual(new Error("left"));
    expect(unheard.pushed).toHaveLength(0);
    expect(codecs[1].pushed).toHaveLength(1);
    codecs[2].pushed[0]?.finish();
    await vi.waitFor(() => expect(codecs[1].pushed).toHaveLength(2));
  });

  it("frees a stream that is closed in a step when that is done", async () => {
    const [stream] = (await createStreams(16)) as [Stream];
    const { codec, pushed, closed } = slowCodec();
    const released: Stream[] = [];
    let endStep = () => {};
    const scheduler = beside({
      async step(streams, frames) {
        if (stream.frames > 0) await new Promise<void>((resolve) => (endStep = resolve));
        return pack.generator.step(streams, frames);
      },
      release: (stream) => void released.push(stream),
    });
    const voice = scheduler.open(stream, codec, alone);
    void voice.next(signal);
    await vi.waitFor(() => expect(pushed).toHaveLength(1));
    await settled();
    voice.close();
    expect(closed()).toBe(1);
    expect(released).toEqual([]);
    endStep();
    await vi.waitFor(() => expect(released).toEqual([stream]));
    expect(stream.frames).toBe(2);
  });

  it("gives what was made before a step that fails, and then says that it failed", async () => {
    const [stream] = (await createStreams(17)) as [Stream];
    const { codec, pushed } = slowCodec();
    const scheduler = beside({
      step: (streams, frames) =>
        stream.frames > 0
          ? Promise.reject(new Error("out of memory"))
          : pack.generator.step(streams, frames),
    });
    const voice = scheduler.open(stream, codec, alone);
    const first = voice.next(signal);
    await vi.waitFor(() => expect(pushed).toHaveLength(1));
    await settled();
    pushed[0]?.finish();
    expect((await first).pcm).toHaveLength(1920);
    expect(await failureOf(voice.next(signal))).toEqual(new Error("out of memory"));
  });

  it("fails a speaker whose codes cannot be decoded, and none of those it shares a step with", async () => {
    const [broken, sound] = (await createStreams(18, 19)) as [Stream, Stream];
    const { codec, pushed } = slowCodec();
    const scheduler = beside();
    const failure = failureOf(scheduler.open(broken, codec, alone).next(signal));
    const heard = listen(scheduler.open(sound, pack.openCodec(), alone));
    await vi.waitFor(() => expect(pushed).toHaveLength(1));
    pushed[0]?.fail(new RangeError("no such code"));
    expect(await failure).toEqual(new RangeError("no such code"));
    expect(await heard).toEqual(await decodeAlone(19));
  });
});
