import { afterAll, beforeAll, expect, it } from "vitest";
import { createQwen3Engine } from "../../../origin/engine/qwen3/engine.ts";
import type { SupervisedEngine } from "../../../origin/engine/supervisor.ts";
import type { Script } from "../../../origin/speech/plan.ts";
import { cutSegments } from "../../../origin/speech/segments.ts";
import { speakSegments } from "../../../origin/speech/speak-segments.ts";
import { createTake } from "../../../origin/speech/take.ts";
import { segmentSeed } from "../../../shared/identity.ts";
import { digest } from "../../support/digest.ts";
import { failureOf, listen } from "../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../support/packs.ts";

const text = "hello world and all of you. ".repeat(20);
const script: Script = {
  model: "qwen3-tts-12hz-0.6b-custom-voice",
  text,
  speaker: "Ryan",
  language: "english",
  instructions: null,
  sampling: {},
};
const seed = 11;

let models: TemporaryModels;
let engine: SupervisedEngine;

beforeAll(async () => {
  models = temporaryModels();
  const packFolders = [await models.build("0.6b-custom-voice")];
  engine = createQwen3Engine({ packFolders, env: { ENGINE_THREADS: "1" } });
  await engine.started();
}, 60_000);

afterAll(async () => {
  await engine.close();
  models.remove();
});

function beginToSpeak(signal = new AbortController().signal) {
  return speakSegments(engine, { script, segmentation: "auto" }, createTake([seed]), signal);
}

async function speakWhole(signal = new AbortController().signal) {
  const parts: Float32Array[] = [];
  const audio = beginToSpeak(signal);
  let chunk = await audio.next();
  for (; !chunk.done; chunk = await audio.next()) parts.push(chunk.value);
  return { pcm: Float32Array.from(parts.flatMap((part) => Array.from(part))), end: chunk.value };
}

it("speaks a long text as its segments, one after the other, faded where they meet", async () => {
  const limits = engine.segmentLimits;
  if (!limits) throw new Error("the engine takes any text at once");
  const segments = cutSegments(text, "english", limits);
  expect(segments.length).toBeGreaterThan(2);
  const alone = [];
  for (const [index, segment] of segments.entries()) {
    const drawn = index === 0 ? seed : await segmentSeed(seed, index);
    alone.push(await listen(engine, { ...script, text: segment, seed: drawn }));
  }

  const { pcm, end } = await speakWhole();

  let at = 0;
  for (const [index, { pcm: segment }] of alone.entries()) {
    const spoken = pcm.slice(at, at + segment.length);
    const [from, to] = [index > 0 ? 240 : 0, segment.length - (index < alone.length - 1 ? 240 : 0)];
    expect(digest(spoken.slice(from, to)), `segment ${index}`).toBe(
      digest(segment.slice(from, to)),
    );
    if (index > 0) expect(Math.abs(spoken[0] ?? 1)).toBeLessThan(0.01);
    at += segment.length;
  }
  expect(pcm).toHaveLength(at);
  const tokens = alone.reduce((sum, { end }) => sum + end.inputTokens, 0);
  expect(end.inputTokens).toBe(tokens);
  expect(end.finish).toBe(alone.some(({ end }) => end.finish === "length") ? "length" : "stop");
});

it("begins a segment before the one before it has ended", async () => {
  const before = engine.counters.utterances;
  const audio = beginToSpeak();
  let samples = 0;
  while (engine.counters.utterances < before + 2) {
    const { value } = await audio.next();
    if (value instanceof Float32Array) samples += value.length;
  }
  const first =
    cutSegments(text, "english", engine.segmentLimits ?? { first: 1, others: 1 })[0] ?? "";
  const whole = await listen(engine, { ...script, text: first, seed });
  expect(samples).toBeLessThan(whole.pcm.length);
});

it("stops all segments when it is aborted", async () => {
  const stop = new AbortController();
  const speaking = failureOf(speakWhole(stop.signal));
  stop.abort(new Error("enough"));
  expect(await speaking).toEqual(new Error("enough"));
});
