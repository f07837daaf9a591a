// How often the guards would be wrong. None of so many says: less than three of that many, at 95 %.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBuiltinEngine } from "../../../../origin/engine/builtin/engine.ts";
import { createDegenerationWatch } from "../../../../origin/engine/qwen3/degeneration.ts";
import {
  expectedSeconds,
  longestSeconds,
  shortestSeconds,
} from "../../../../origin/engine/qwen3/duration-bounds.ts";
import type { SupervisedEngine } from "../../../../origin/engine/supervisor.ts";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import { resolveSampling } from "../../../../origin/model/generate/sampling-options.ts";
import { type Language, languages } from "../../../../shared/languages.ts";
import { loudness, samplesPerFrame } from "../../../support/frames-of-speech.ts";
import { openGenerator } from "../../../support/generator.ts";
import { nano, pico, presetVoiceCases } from "../../../support/golden-cases.ts";
import { listen } from "../../../support/listening.ts";

/** The most frames that were in doubt at any time. */
function mostDoubt(firstCodes: Iterable<bigint>, sound: (frame: number) => Float32Array): number {
  const watch = createDegenerationWatch();
  let most = 0;
  let frame = 0;
  for (const code of firstCodes) {
    watch.push(code, sound(frame++));
    most = Math.max(most, watch.doubtfulFrames);
  }
  return most;
}

const audible = () => loudness(-20);

it("doubts none of 208 takes of a model with random weights", async () => {
  const [golden] = presetVoiceCases(pico);
  if (!golden) throw new Error("the small checkpoints are part of the tree");
  const checkpoint = openCheckpoint(golden.checkpoint);
  const sampling = resolveSampling(checkpoint.generation, {});
  checkpoint.close();
  const { generator, promptOf, close } = await openGenerator(golden.checkpoint);
  const prompt = await promptOf(golden);
  const doubted: number[] = [];
  let frames = 0;
  for (let group = 0; group < 2; group++) {
    const takes = Array.from({ length: 104 }, (_, index) => ({
      stream: generator.start(prompt, { seed: group * 104 + index, maxFrames: 40, ...sampling }),
      codes: [] as bigint[],
    }));
    const step = async (some: typeof takes, count: number) => {
      const chunks = await generator.step(
        some.map(({ stream }) => stream),
        count,
      );
      for (const [index, { codes }] of chunks.entries()) {
        some[index]?.codes.push(...codes.filter((_, code) => code % 16 === 0));
      }
    };
    for (const take of takes) await step([take], 1);
    for (let running = takes; running.length > 0; ) {
      await step(running, 13);
      running = running.filter(({ stream }) => stream.finish === null);
    }
    doubted.push(...takes.map(({ codes }) => mostDoubt(codes, audible)));
    frames += takes.reduce((total, { codes }) => total + codes.length, 0);
  }
  await close();

  expect(doubted).toHaveLength(208);
  expect(frames).toBeGreaterThan(208 * 20);
  expect(doubted.filter((most) => most > 0)).toEqual([]);
});

it("doubts nothing that the official code said greedily, or made of recorded sound", () => {
  const takes = [pico, nano]
    .filter(({ present }) => present)
    .flatMap((set) => [
      ...presetVoiceCases(set).map(({ codes }) => codes),
      ...["audio/reference_codes", "codec/codes"].map((name): number[][] =>
        JSON.parse(readFileSync(`${set.directory}/${name}.json`, "utf8")),
      ),
    ]);
  const doubted = takes.map((codes) =>
    mostDoubt(
      codes.map(([first = 0]) => BigInt(first)),
      audible,
    ),
  );
  expect(doubted.length).toBeGreaterThanOrEqual(10);
  expect(doubted.filter((most) => most > 0)).toEqual([]);
});

describe("of real speech", () => {
  let engine: SupervisedEngine;

  beforeAll(async () => {
    engine = createBuiltinEngine({});
    await engine.started();
  });

  afterAll(() => engine.close());

  const texts: [Language, string][] = [
    ["english", "One. Two... three?\n\n\nFour, and, after a while, five. Wait . . . for it!"],
    ["english", "On 3 May 2024, 1,250,000 people paid $9.99 each: 100% of them were pleased."],
    ["german", "Donaudampfschifffahrtsgesellschaft: ein Wort, und noch keines der längsten."],
    ["french", "Portez ce vieux whisky au juge blond qui fume."],
    ["spanish", "El veloz murciélago hindú comía feliz cardillo y kiwi."],
    ["italian", "Ma la volpe, col suo balzo, ha raggiunto il quieto Fido."],
    ["portuguese", "Luís argüia à Júlia que brações, fé, chá, óxido, pôr, zângão eram palavras."],
    ["russian", "Съешь же ещё этих мягких французских булок, да выпей чаю."],
    ["japanese", "いろはにほへとちりぬるを。"],
    ["korean", "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다."],
    ["chinese", "今天天气很好，我们一起去公园散步吧。"],
  ];

  it.each(texts)("none in %s is in doubt, nor out of bounds: %s", async (language, text) => {
    const { pcm } = await listen(engine, { text, language, speaker: "Ryan" });
    const frameSamples = Math.round((samplesPerFrame * engine.sampleRate) / 24_000);
    const frames = Array.from({ length: Math.floor(pcm.length / frameSamples) }, (_, i) =>
      BigInt(i),
    );
    const sound = (frame: number) => pcm.subarray(frame * frameSamples, (frame + 1) * frameSamples);
    expect(mostDoubt(frames, sound)).toBe(0);

    const seconds = pcm.length / engine.sampleRate;
    expect(seconds).toBeGreaterThan(shortestSeconds(text));
    expect(seconds).toBeLessThan(longestSeconds(text));
  });

  describe.each(languages)("spelled in %s", (language) => {
    it.each([
      ["the alphabet", "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"],
      ["three letters over and over", "WWW ".repeat(8)],
      ["initials", "USA FBI CIA NBC HTML HTTP XML JSON"],
      ["consonants", "bcdfg hjklm npqrs tvwxz"],
      ["digits", "1234567890 7777777 7777777"],
      ["years", "1987 1999 2024 1776"],
      ["pairs of digits", "77 77 77 77 77 77"],
      ["letters and digits", "A1 B2 C3 D4 E5 F6"],
      ["signs", "% & @ # * / \\ + = € $ £ < > | ~ ^ _"],
      ["emoji", "😀 😀 😀 😀 👩‍💻 🏳️‍🌈 ❤️ 🎉 🚀"],
      ["an address", "https://www.example.com/a/b?c=d&e=f"],
    ])("%s could take half as long again", async (_, text) => {
      const { pcm } = await listen(engine, { text, language, speaker: "Ryan" });
      const seconds = pcm.length / engine.sampleRate;
      expect(longestSeconds(text)).toBeGreaterThan(1.5 * seconds);
      expect(expectedSeconds(text)).toBeGreaterThan(0.75 * seconds);
    });
  });
});
