import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBuiltinEngine } from "../../../../origin/engine/builtin/engine.ts";
import type { Language } from "../../../../shared/languages.ts";
import { type Speaker, speakers } from "../../../../shared/voices/presets.ts";
import { hasFfmpeg, integratedLoudness, withFfmpeg } from "../../../support/ffmpeg.ts";
import { listen } from "../../../support/listening.ts";

const engine = createBuiltinEngine();

beforeAll(() => engine.started());
afterAll(() => engine.close());

const texts: [Language, string][] = [
  ["english", "The quick brown fox jumps over the lazy dog, and then it rests for a while."],
  ["chinese", "今天天气很好，我们一起去公园散步吧。晚上我们再回家吃饭。"],
  ["spanish", "El rápido zorro marrón salta sobre el perro perezoso y después descansa un rato."],
];

describe.skipIf(!hasFfmpeg)(withFfmpeg("all voices are within 2 LU of each other"), () => {
  it.each(texts)("in %s", async (language, text) => {
    const loudness: number[] = [];
    for (const speaker of Object.keys(speakers) as Speaker[]) {
      const { pcm } = await listen(engine, { text, language, speaker });
      loudness.push(await integratedLoudness(pcm, engine.sampleRate));
    }
    expect(Math.max(...loudness) - Math.min(...loudness)).toBeLessThanOrEqual(2);
    expect(Math.min(...loudness)).toBeGreaterThan(-24);
    expect(Math.max(...loudness)).toBeLessThan(-18);
  });
});
