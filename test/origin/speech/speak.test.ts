import { afterAll, beforeAll, expect, it } from "vitest";
import { createSupervisedEngine } from "../../../origin/engine/supervisor.ts";
import { planSpeech } from "../../../origin/speech/plan.ts";
import { codecFramesIn, speak } from "../../../origin/speech/speak.ts";
import { speechRequestSchema } from "../../../shared/speech-request.ts";
import { hello } from "../../support/speech.ts";

const engine = createSupervisedEngine({
  name: "builtin",
  module: new URL("../../support/tone-engine-child.ts", import.meta.url),
});

beforeAll(() => engine.started());
afterAll(() => engine.close());

it("gives the other answers their turn after every chunk, even when many wait to be encoded", async () => {
  const chunks = 20;
  const fields = { ...hello, input: "tone 100", response_format: "pcm" };
  const plan = await planSpeech(speechRequestSchema.parse(fields));
  const toned = { ...plan, model: "qwen3-tts-12hz-0.6b-base" as const };
  const frames = speak(toned, engine, new AbortController().signal);
  await frames.next();
  await expect.poll(() => engine.counters.chunks).toBeGreaterThan(chunks);

  let turns = 0;
  let counting = setImmediate(function count() {
    turns++;
    counting = setImmediate(count);
  });
  for (let i = 0; i < chunks; i++) await frames.next();
  clearImmediate(counting);
  await frames.return();

  expect(turns).toBeGreaterThanOrEqual(chunks - 1);
});

it("counts the frames of speech, whole ones exactly and what is over as one more", () => {
  for (let frames = 0; frames < 50_000; frames++) {
    expect(codecFramesIn(frames * 1920, 24_000)).toBe(frames);
    expect(codecFramesIn(frames * 1764, 22_050)).toBe(frames);
  }
  expect(codecFramesIn(1921, 24_000)).toBe(2);
});
