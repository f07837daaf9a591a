import { afterAll, beforeAll, expect, it } from "vitest";
import { joinSamples } from "../../../origin/audio/join.ts";
import { maxSamplesAhead } from "../../../origin/engine/protocol.ts";
import { createQwen3Engine } from "../../../origin/engine/qwen3/engine.ts";
import type { SupervisedEngine } from "../../../origin/engine/supervisor.ts";
import { createSegmentSeeds, type SegmentSeeds } from "../../../origin/speech/segment-seeds.ts";
import { type SpokenEnd, speakSegments } from "../../../origin/speech/speak-segments.ts";
import { type Script, segmentsOf } from "../../../origin/speech/spoken-segments.ts";
import { unchanged } from "../../../origin/text/mapped-text.ts";
import { plainPassage } from "../../../origin/text/passage.ts";
import { cutSegments, type Segment } from "../../../origin/text/segments.ts";
import { segmentSeed } from "../../../shared/identity.ts";
import { digest } from "../../support/digest.ts";
import { failureOf, listen } from "../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../support/packs.ts";

const text = "Hello world and all of you. ".repeat(20);
const script: Script = {
  model: "qwen3-tts-12hz-0.6b-custom-voice",
  text,
  speaker: "Ryan",
  mix: null,
  voice: null,
  language: "english",
  instructions: null,
  sampling: {},
};
const seed = 11;

let models: TemporaryModels;
let engine: SupervisedEngine;

beforeAll(async () => {
  models = temporaryModels();
  const packFolder = await models.build("0.6b-custom-voice");
  engine = createQwen3Engine({ packFolder, env: { ENGINE_THREADS: "1" } });
  await engine.started();
});

afterAll(async () => {
  await engine.close();
  models.remove();
});

interface Spoken {
  pcm: Float32Array;
  end: SpokenEnd;
  /** How many samples had been spoken when each segment was found to have been begun. */
  begun: number[];
}

async function speakWhole(
  text: string,
  segmentSeeds: SegmentSeeds,
  signal = new AbortController().signal,
  instructions: string | null = null,
): Promise<Spoken> {
  const parts: Float32Array[] = [];
  const begun: number[] = [];
  const before = engine.counters.utterances;
  const passages = [plainPassage(unchanged(text), { ...script, blend: null, instructions })];
  const segments = segmentsOf(
    { ...script, voices: new Map(), passages, segmentation: "auto" },
    engine.segmentLimits,
  );
  const audio = speakSegments(engine, segments, segmentSeeds, signal);
  let samples = 0;
  for (;;) {
    const { done, value } = await audio.next();
    while (begun.length < engine.counters.utterances - before) begun.push(samples);
    if (done) return { pcm: joinSamples(parts), end: value, begun };
    samples += value.length;
    parts.push(value);
  }
}

const isHeard = (sample: number) => Math.abs(sample) > 10 ** (-50 / 20);
const marginSamples = 0.02 * 24_000;

/** Where a segment's sound begins and ends, with 20 ms of what is before and after it. */
const soundFrom = (pcm: Float32Array) => Math.max(0, pcm.findIndex(isHeard) - marginSamples);
const soundTo = (pcm: Float32Array) =>
  Math.min(pcm.length, pcm.findLastIndex(isHeard) + 1 + marginSamples);

function pauseSamples(border: Segment["border"] = "inside"): number {
  return Math.round({ sentence: 0.35, clause: 0.15, word: 0.03, inside: 0 }[border] * 24_000);
}

it("speaks a long text as its segments, one after the other, faded and with a pause where they meet", async () => {
  const limits = engine.segmentLimits;
  if (!limits) throw new Error("the engine takes any text at once");
  const segments = cutSegments(text, "english", limits);
  expect(segments.length).toBeGreaterThan(2);
  const alone = [];
  for (const [index, { text }] of segments.entries()) {
    const drawn = index === 0 ? seed : await segmentSeed(seed, index);
    alone.push(await listen(engine, { ...script, text, seed: drawn }));
  }

  const { pcm, end, begun } = await speakWhole(text, createSegmentSeeds([seed]));

  let at = 0;
  for (const [index, { pcm: whole }] of alone.entries()) {
    const isLast = index === alone.length - 1;
    const segment = whole.subarray(
      index > 0 ? soundFrom(whole) : 0,
      isLast ? whole.length : soundTo(whole),
    );
    const spoken = pcm.slice(at, at + segment.length);
    const [from, to] = [index > 0 ? 240 : 0, segment.length - (isLast ? 0 : 240)];
    expect(digest(spoken.slice(from, to)), `segment ${index}`).toBe(
      digest(segment.slice(from, to)),
    );
    if (index > 0) expect(Math.abs(spoken[0] ?? 1)).toBeLessThan(0.01);
    const pause = isLast ? 0 : pauseSamples(segments[index]?.border);
    // The next is begun after the first chunk of this one; all that waits to be read, and the pause, may be read while its
    // seed is drawn.
    const latest = maxSamplesAhead + 2 * 8 * 1920;
    expect(begun[index + 1] ?? 0).toBeLessThanOrEqual(at + Math.min(whole.length, latest) + pause);
    at += segment.length;
    expect(pcm.subarray(at, at + pause).every((sample) => sample === 0)).toBe(true);
    at += pause;
  }
  expect(pcm).toHaveLength(at);
  const tokens = alone.reduce((sum, { end }) => sum + end.inputTokens, 0);
  expect(end.inputTokens).toBe(tokens);
  expect(end.finish).toBe(alone.some(({ end }) => end.finish === "length") ? "length" : "stop");
});

it("speaks a later segment again with a seed of its own, and tells that of the first", async () => {
  const [first, last] = [
    `${"hello world and all of you ".repeat(4)}around me. `,
    "Hello there, all you.",
  ];
  const draw = (seed: number, attempt: number) => segmentSeed(seed, 1, attempt);
  const speakLast = async (seed: number) =>
    listen(engine, { ...script, text: last, seed, retryable: true });

  for (let seed = 0; ; seed++) {
    const [failed, good] = [
      await speakLast(await draw(seed, 0)),
      await speakLast(await draw(seed, 1)),
    ];
    if (failed.end.finish !== "degenerate" || good.end.finish !== "stop") continue;

    const segmentSeeds = createSegmentSeeds([seed]);
    const { pcm } = await speakWhole(first + last, segmentSeeds);

    const ending = good.pcm.slice(soundFrom(good.pcm) + 240);
    expect(digest(pcm.slice(-ending.length))).toBe(digest(ending));
    expect(segmentSeeds).toMatchObject({ retries: 1, seed });
    return;
  }
});

it("counts the instructions once, however many segments are given them", async () => {
  const spoken = (instructions: string | null) =>
    speakWhole(text, createSegmentSeeds([seed]), undefined, instructions);
  const [without, whole] = [await spoken(null), await spoken("hello all")];
  const alone = await listen(engine, {
    ...script,
    text: "hello.",
    instructions: "hello all",
    seed,
  });
  expect(without.end.instructionTokens).toBe(0);
  expect(alone.end.instructionTokens).toBeGreaterThan(0);
  expect(whole.end).toMatchObject({
    inputTokens: without.end.inputTokens,
    instructionTokens: alone.end.instructionTokens,
  });
});

it("goes on within a sentence nearer to the level of what was before", async () => {
  const sentence = `${"hello world and all of you, ".repeat(12)}hello.`;
  const limits = engine.segmentLimits;
  if (!limits) throw new Error("the engine takes any text at once");
  const segments = cutSegments(sentence, "english", limits);
  expect(segments.slice(0, -1).map(({ border }) => border)).not.toContain("sentence");
  const { pcm } = await speakWhole(sentence, createSegmentSeeds([seed]));

  let at = 0;
  const factors: number[] = [];
  for (const [index, { text, border }] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const drawn = index === 0 ? seed : await segmentSeed(seed, index);
    const whole = (await listen(engine, { ...script, text, seed: drawn })).pcm;
    const alone = whole.slice(
      index > 0 ? soundFrom(whole) : 0,
      isLast ? whole.length : soundTo(whole),
    );
    const loudest = alone.reduce(
      (most, x, i) => (Math.abs(x) > Math.abs(alone[most] ?? 0) ? i : most),
      0,
    );
    factors.push((pcm[at + loudest] ?? 0) / (alone[loudest] ?? 1));
    at += alone.length + (isLast ? 0 : pauseSamples(border));
  }
  expect(pcm).toHaveLength(at);
  expect(factors[0]).toBe(1);
  const others = factors.slice(1);
  expect(others.every((factor) => factor > 0.7 && factor < 1.42)).toBe(true);
  expect(others.some((factor) => Math.abs(factor - 1) > 0.001)).toBe(true);
});

it("stops all segments when it is aborted", async () => {
  const stop = new AbortController();
  const speaking = failureOf(speakWhole(text, createSegmentSeeds([seed]), stop.signal));
  stop.abort(new Error("enough"));
  expect(await speaking).toEqual(new Error("enough"));
});
