import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSupervisedEngine } from "../../../origin/engine/supervisor.ts";
import type { Origin } from "../../../origin/http/server.ts";
import { planSpeech } from "../../../origin/speech/plan.ts";
import { speak } from "../../../origin/speech/speak.ts";
import { speechRequestSchema } from "../../../shared/speech-request.ts";
import { askForFrames, hello } from "../../support/speech.ts";
import { startTestOrigin } from "../../support/system.ts";

/** Spoken with a silence at either end. */
const input = "… — Hello, — …";

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

it("makes 0.2 s of silence where nothing else would be left, and says so first", async () => {
  const engine = createSupervisedEngine({
    name: "builtin",
    module: new URL("../../support/tone-engine-child.ts", import.meta.url),
  });
  await engine.started();
  // A chunk of nothing but zeros.
  const plan = await planSpeech(speechRequestSchema.parse({ ...hello, input: "tone 1" }));
  const model = "qwen3-tts-12hz-0.6b-base";
  const { signal } = new AbortController();
  async function samplesOf(trimSilence: boolean) {
    let toldBefore: "told" | undefined;
    const told = () => {
      toldBefore = "told";
    };
    const audio = speak(
      { ...plan, model, trimSilence, format: "pcm" },
      engine,
      signal,
      undefined,
      told,
    );
    const first = (await audio.next()).value;
    const before = toldBefore;
    let bytes = first?.kind === "audio" ? first.bytes.byteLength : 0;
    for await (const frame of audio) if (frame.kind === "audio") bytes += frame.bytes.byteLength;
    return { samples: bytes / 2, before };
  }

  expect(await samplesOf(false)).toMatchObject({ before: undefined });
  expect(await samplesOf(true)).toEqual({ samples: 4800, before: "told" });
  await engine.close();
});
