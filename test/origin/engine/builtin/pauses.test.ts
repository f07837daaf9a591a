import { afterAll, beforeAll, expect, it } from "vitest";
import { createBuiltinEngine } from "../../../../origin/engine/builtin/engine.ts";
import type { SupervisedEngine } from "../../../../origin/engine/supervisor.ts";
import { joinWrappedLines } from "../../../../origin/text/lines.ts";
import { unchanged } from "../../../../origin/text/mapped-text.ts";
import { listen } from "../../../support/listening.ts";
import { plainText, sentenceTable } from "../../../support/sentences.ts";

/** Longer than what espeak-ng pauses after a comma, shorter than after a sentence. */
const pauseSeconds = 0.22;

let engine: SupervisedEngine;

beforeAll(async () => {
  engine = createBuiltinEngine();
  await engine.started();
});

afterAll(() => engine.close());

/** The silences within a sound, in seconds. */
function silences(pcm: Float32Array, sampleRate: number): number[] {
  const found: number[] = [];
  let last: number | undefined;
  for (const [index, sample] of pcm.entries()) {
    if (Math.abs(sample) < 10 ** (-50 / 20)) continue;
    if (last !== undefined) found.push((index - last) / sampleRate);
    last = index;
  }
  return found.filter((seconds) => seconds > pauseSeconds);
}

/** A question or an exclamation that somebody goes on after, and an ellipsis, are paused at within their sentence. */
const pausesInside = /[?!]["»”«] ?\p{Ll}|\. \. \.|…|\.\.\./u;

/** Every third of the others, of all languages. */
const spoken = sentenceTable.filter(
  ([, text], index) => index % 3 === 0 && !pausesInside.test(text),
);

it.each(spoken)(
  "pauses where sentences end and nowhere else, in %s: %s",
  async (language, text) => {
    const { pcm } = await listen(engine, {
      model: "qwen3-tts-12hz-0.6b-custom-voice",
      text: joinWrappedLines(unchanged(plainText(text)), language).text,
      speaker: "Ryan",
      language,
      instructions: null,
      sampling: {},
      seed: 1,
    });
    expect(silences(pcm, engine.sampleRate)).toHaveLength(text.split(/\|+/).length - 1);
  },
);
