import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSupervisedEngine } from "../../../origin/engine/supervisor.ts";
import type { Origin } from "../../../origin/http/server.ts";
import { planSpeech, type Script } from "../../../origin/speech/plan.ts";
import { speak } from "../../../origin/speech/speak.ts";
import { speechRequestSchema } from "../../../shared/speech-request.ts";
import { failureOf } from "../../support/listening.ts";
import { askForFrames, hello } from "../../support/speech.ts";
import { startTestOrigin } from "../../support/system.ts";

/** Spoken with a silence at either end. */
const input = "— Hello. …";

const silenceLimit = 10 ** (-50 / 20) * 32_768;

describe("trim_silence", () => {
  let origin: Origin;

  beforeAll(async () => {
    origin = await startTestOrigin();
  });

  afterAll(() => origin.close());

  async function samples(fields: Record<string, unknown>): Promise<Int16Array> {
    const { audio, end } = await askForFrames(origin.url, {
      input,
      response_format: "pcm",
      ...fields,
    });
    const pcm = new Int16Array(new Uint8Array(audio).buffer);
    expect(end.samples).toBe(pcm.length);
    return pcm;
  }

  it.each([
    [{}, 24_000],
    [{ speed: 1.5 }, 24_000],
    [{ sample_rate: 48_000 }, 48_000],
  ])("with %j cuts the edges off and leaves the rest bit for bit", async (fields, sampleRate) => {
    const whole = await samples(fields);
    const trimmed = await samples({ ...fields, trim_silence: true });

    const isSound = (sample: number) => Math.abs(sample) > silenceLimit;
    const [first, last] = [whole.findIndex(isSound), whole.findLastIndex(isSound)];
    const margin = 0.02 * sampleRate;
    const kept = whole.subarray(Math.max(0, first - margin), last + 1 + margin);
    expect(first).toBeGreaterThan(3 * margin);
    expect(whole.length - last).toBeGreaterThan(3 * margin);
    expect(Buffer.from(trimmed.buffer).equals(Buffer.from(kept.slice().buffer))).toBe(true);
  });
});

it("refuses a text that leaves only silence, as one that has nothing to speak", async () => {
  const engine = createSupervisedEngine({
    name: "builtin",
    module: new URL("../../support/tone-engine-child.ts", import.meta.url),
  });
  await engine.started();
  // A chunk of nothing but zeros.
  const plan = await planSpeech(speechRequestSchema.parse({ ...hello, input: "tone 1" }));
  const script: Script = { ...plan.script, model: "qwen3-tts-12hz-0.6b-base" };
  const first = (trimSilence: boolean) =>
    speak({ ...plan, script, trimSilence }, engine, new AbortController().signal).next();

  expect((await first(false)).value).toMatchObject({ kind: "audio" });
  expect(await failureOf(first(true))).toMatchObject({
    status: 400,
    code: "nothing_to_speak",
    message: "input must have something that can be spoken; its 6 characters make no sound",
  });
  await engine.close();
});
