import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../origin/engine/engine.ts";
import type { Origin } from "../../../origin/server.ts";
import { planSpeech } from "../../../origin/speech/plan.ts";
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

it("refuses a text that trim_silence leaves nothing of, as one that has nothing to speak", async () => {
  const fields = { ...hello, input: "Hush", trim_silence: true };
  const plan = await planSpeech(speechRequestSchema.parse(fields));
  const speech = speak(plan, hushedEngine, new AbortController().signal);
  expect(await failureOf(speech.next())).toMatchObject({
    status: 400,
    code: "nothing_to_speak",
    message: "input must have something that can be spoken; its 4 characters make no sound",
  });
});

/** Speaks, and is not heard. */
const hushedEngine: Engine = {
  name: "builtin",
  sampleRate: 24_000,
  ignoredFields: [],
  models: () => ["qwen3-tts-12hz-0.6b-custom-voice"],
  state: () => "ready",
  revision: () => ({ revision: "0123456789abcdef", releasedAt: 0 }),
  async *synthesize() {
    for (let i = 0; i < 50; i++) yield new Float32Array(1920).fill(0.001);
    return { finish: "stop", inputTokens: 4 };
  },
  close: async () => {},
};
