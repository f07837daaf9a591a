import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ceiling } from "../../../origin/audio/limiter.ts";
import type { Origin } from "../../../origin/http/server.ts";
import { hasFfmpeg, integratedLoudness, withFfmpeg } from "../../support/ffmpeg.ts";
import { correlation, loudness } from "../../support/hearing.ts";
import { askForFrames, pangrams } from "../../support/speech.ts";
import { startTestOrigin } from "../../support/system.ts";

let origin: Origin;

beforeAll(async () => {
  origin = await startTestOrigin();
});

afterAll(() => origin.close());

async function speak(fields: Record<string, unknown>): Promise<Float32Array> {
  const { audio, end } = await askForFrames(origin.url, { response_format: "pcm", ...fields });
  const pcm = new Int16Array(new Uint8Array(audio).buffer);
  expect(end.samples).toBe(pcm.length);
  return Float32Array.from(pcm, (sample) => sample / 32_768);
}

function peakOf(pcm: Float32Array): number {
  return pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

// Rounded to 16 bits.
const most = ceiling + 1 / 32_768;

const long: [string, string, string][] = [
  ["english", "alloy", pangrams],
  [
    "german",
    "Uncle_Fu",
    `Es war einmal ein König, der hatte drei Töchter. ${"Die jüngste? Ach, die war so schön, dass selbst die Sonne sich wunderte, sooft sie ihr ins Gesicht schien. ".repeat(2)}`,
  ],
  [
    "chinese",
    "Sohee",
    "从前有一座山，山上有一座庙，庙里有一个老和尚和一个小和尚。有一天，老和尚对小和尚说：你去打水吧。小和尚说：好。",
  ],
  [
    "russian",
    "echo",
    "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. Все смешалось в доме Облонских.",
  ],
];

describe.skipIf(!hasFfmpeg)(withFfmpeg("loudness"), () => {
  describe.each(long)("of %s by %s", (language, voice, input) => {
    it.each([-30, -19, -14])("is within 1 LU of %i LUFS", async (target) => {
      const pcm = await speak({ language, voice, input, loudness: target });
      expect(pcm.length).toBeGreaterThan(5 * 24_000);
      expect(Math.abs((await integratedLoudness(pcm, 24_000)) - target)).toBeLessThan(1);
      expect(peakOf(pcm)).toBeLessThanOrEqual(most);
    });

    it("is as near as its peaks allow to one that would clip it", async () => {
      const pcm = await speak({ language, voice, input, loudness: -9 });
      const reached = await integratedLoudness(pcm, 24_000);
      expect(reached).toBeGreaterThan(-14);
      expect(reached).toBeLessThan(-8);
      expect(peakOf(pcm)).toBeLessThanOrEqual(most);
    });
  });

  it.each([
    ["english", "Hello, world!"],
    ["english", "Yes, please, the blue one."],
    ["spanish", "Buenos días a todos."],
    ["japanese", "こんにちは。"],
  ])("of a short text in %s, %s, is within 1.5 LU", async (language, input) => {
    for (const voice of ["alloy", "Uncle_Fu", "Ono_Anna"]) {
      const pcm = await speak({ language, voice, input, loudness: -19 });
      expect(Math.abs((await integratedLoudness(pcm, 24_000)) + 19), voice).toBeLessThan(1.5);
    }
  });

  it("is that of the file, at its rate and speed, without the silence around", async () => {
    const fields = { input: pangrams, speed: 1.5, trim_silence: true };
    for (const [response_format, sample_rate] of [
      ["pcm", 8_000],
      ["pcm", 48_000],
    ] as const) {
      const asked = { ...fields, response_format, sample_rate };
      const pcm = await speak({ ...asked, loudness: -20, volume: 2 });
      expect(Math.abs((await integratedLoudness(pcm, sample_rate)) + 18)).toBeLessThan(1);
      expect(pcm.length).toBe((await speak(asked)).length);
    }
  });
});

it("volume changes the level alone", async () => {
  const plain = await speak({ input: pangrams });
  for (const volume of [-20, -6]) {
    const pcm = await speak({ input: pangrams, volume });
    const by = 20 * Math.log10(loudness(pcm) / loudness(plain));
    expect(Math.abs(by - volume)).toBeLessThan(0.05);
    expect(correlation(pcm, plain)).toBeGreaterThan(0.999);
  }
  const loud = await speak({ input: pangrams, volume: 12 });
  expect(loud.length).toBe(plain.length);
  expect(peakOf(plain) * 10 ** (12 / 20)).toBeGreaterThan(2);
  expect(peakOf(loud)).toBeLessThanOrEqual(most);
  // Turned down for peaks, not cut off at them.
  expect(correlation(loud, plain)).toBeGreaterThan(0.95);
});

it.each([{}, { speed: 1.5 }, { loudness: -16 }])(
  "what SSML makes louder is not clipped either, with %j",
  async (fields) => {
    const said = (volume: string) =>
      `<speak><prosody volume="${volume}">${pangrams}</prosody></speak>`;
    const plain = await speak({ input: said("+0dB"), ...fields });
    const loud = await speak({ input: said("+12dB"), ...fields });
    expect(loud.length).toBe(plain.length);
    expect(peakOf(plain) * 10 ** (12 / 20)).toBeGreaterThan(2);
    // Rates and tempo change after the limiter, and not much.
    expect(peakOf(loud)).toBeLessThan(0.95);
    expect(loudness(loud)).toBeGreaterThan(0.9 * loudness(plain));
  },
);

it("speech is the same, bit for bit, where neither is asked for", async () => {
  const plain = await speak({ input: pangrams });
  expect(await speak({ input: pangrams, volume: 0, loudness: null })).toEqual(plain);
});

it.each([{ volume: 12 }, { loudness: -9 }])(
  "a text without anything to hear is silent with %j",
  async (fields) => {
    expect(peakOf(await speak({ input: "…", ...fields }))).toBe(0);
  },
);
