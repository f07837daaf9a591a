import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBuiltinEngine } from "../../../../origin/engine/builtin/engine.ts";
import { loadEspeak } from "../../../../origin/engine/builtin/espeak.ts";
import { builtinVoices } from "../../../../origin/engine/builtin/voices.ts";
import { maxSamplesAhead } from "../../../../origin/engine/protocol.ts";
import { secondsToSay } from "../../../../origin/text/speaking-pace.ts";
import { type Language, languages } from "../../../../shared/languages.ts";
import { type ModelId, nativeModelIds, nativeModels } from "../../../../shared/models.ts";
import { type Speaker, speakers } from "../../../../shared/voices/presets.ts";
import { childrenOf } from "../../../support/child-processes.ts";
import { begin, failureOf, listen } from "../../../support/listening.ts";
import { loudnessOf, pitchOf } from "../../../support/voice.ts";

const engine = createBuiltinEngine();
const names = Object.keys(speakers) as Speaker[];
const women: Speaker[] = ["Vivian", "Serena", "Ono_Anna", "Sohee"];
const pangram = "The quick brown fox jumps over the lazy dog, and then it sleeps.";

const chunkSamples = 1764;

const digest = (pcm: Float32Array) =>
  createHash("sha256").update(new Uint8Array(pcm.buffer)).digest("hex").slice(0, 16);
const seconds = (pcm: Float32Array) => pcm.length / engine.sampleRate;

async function speak(text: string, language: Language | "auto" = "english"): Promise<Float32Array> {
  return (await listen(engine, { text, language })).pcm;
}

beforeAll(() => engine.started());
afterAll(() => engine.close());

describe("what it says of itself", () => {
  it("answers with one revision for every model but those that clone", () => {
    const isCloning = (model: ModelId) => nativeModels[model].kind === "base";
    const revisions = nativeModelIds
      .filter((model) => !isCloning(model))
      .map((model) => engine.revision(model));
    for (const model of nativeModelIds.filter(isCloning)) {
      expect(() => engine.revision(model)).toThrow(
        expect.objectContaining({ status: 503, code: "model_not_loaded" }),
      );
    }

    expect(engine.name).toBe("builtin");
    expect(engine.sampleRate).toBe(22_050);
    expect(new Set(revisions.map(({ revision }) => revision)).size).toBe(1);
    expect(revisions[0]?.revision).toMatch(/^[0-9a-f]{16}$/);
    // Before the checkpoints were published.
    expect(revisions[0]?.releasedAt).toBeLessThan(Date.UTC(2026, 0, 23) / 1000);
    expect(engine.ignoredFields).toEqual([
      "voice",
      "instructions",
      "seed",
      "temperature",
      "top_k",
      "top_p",
      "repetition_penalty",
      "segmentation",
    ]);
  });

  it.each<[Language, string]>([
    ["english", "He looked at the sky for a while, and thought of rain. Nobody was there."],
    ["german", "Er sah eine Weile in den Himmel und dachte an Regen. Niemand war da."],
    ["french", "Il regarda longtemps le ciel, et pensa à la pluie. Personne n'était là."],
    ["spanish", "Miró el cielo un rato y pensó en la lluvia. No había nadie más."],
    ["italian", "Guardò il cielo per un po' e pensò alla pioggia. Non c'era nessuno."],
    ["portuguese", "Olhou para o céu um momento, e pensou na chuva. Não havia ninguém."],
    ["russian", "Он долго смотрел на небо и думал о дожде. Больше никого не было."],
    ["japanese", "きょうはてんきがとてもいいので、みんなでこうえんにいきました。"],
    ["korean", "늙은 어부가 항구로 내려가 하늘을 바라보았다. 비가 올 것 같았다."],
    ["chinese", "老渔夫走到港口，看了一会儿天空。他的船很小，没有别人在那里。"],
    ["english", "In 1987, the FBI paid 24 people $9.99 each."],
  ])("has the pace that it says: %s, %s", async (language, text) => {
    const spoken = seconds(await speak(text, language));
    const expected = secondsToSay(text, engine.pace);

    expect(expected / spoken).toBeGreaterThan(0.75);
    expect(expected / spoken).toBeLessThan(1.35);
  });

  it("speaks a mixture as whom there is most of, and a cloned voice as nobody", async () => {
    const take = async (utterance: Parameters<typeof listen>[1]) =>
      digest((await listen(engine, { text: "Hello.", ...utterance })).pcm);
    const mix = [
      { speaker: "Ryan", weight: 1 },
      { speaker: "Vivian", weight: 2 },
    ] as const;

    expect(await take({ mix })).toBe(await take({ speaker: "Vivian" }));
    const voice = { digest: "0", xVector: new Float32Array(1024), reference: null };
    expect(await take({ voice })).toBe(await take({}));
  });

  it("counts code points", async () => {
    const { end } = await listen(engine, { text: "Añb 😀" });

    expect(end).toEqual({ finish: "stop", inputTokens: 5, instructionTokens: 0 });
  });
});

describe("its voices", () => {
  const heard = new Map<Speaker | null, Float32Array>();
  /** Octaves from 100 Hz, and octaves of pace: what tells two voices apart. */
  const manners = new Map<Speaker | null, [pitch: number, pace: number]>();

  beforeAll(async () => {
    for (const speaker of [...names, null]) {
      const { pcm } = await listen(engine, { text: pangram, speaker });
      const pitch = pitchOf(pcm, engine.sampleRate);
      heard.set(speaker, pcm);
      manners.set(speaker, [Math.log2(pitch / 100), Math.log2(seconds(pcm))]);
    }
  });

  it.each(names)("give %s the pitch of the speaker's sex", (speaker) => {
    const [octaves = 0] = manners.get(speaker) ?? [];

    if (women.includes(speaker)) expect(100 * 2 ** octaves).toBeGreaterThan(160);
    else expect(100 * 2 ** octaves).toBeLessThan(130);
  });

  it.each([...names, null])("give %s a manner of its own", (speaker) => {
    const [pitch = 0, pace = 0] = manners.get(speaker) ?? [];

    for (const [other, [otherPitch, otherPace]] of manners) {
      if (other === speaker) continue;
      const distance = Math.abs(pitch - otherPitch) + Math.abs(pace - otherPace);
      expect(distance, `${speaker} and ${other}`).toBeGreaterThan(0.05);
    }
  });

  it("are equally loud, and never clip", () => {
    for (const pcm of heard.values()) {
      expect(Math.abs(loudnessOf(pcm, engine.sampleRate) + 21)).toBeLessThan(1.5);
      expect(pcm.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0)).toBeLessThan(0.95);
    }
  });
});

describe("its languages", () => {
  const greetings: Record<Language, string> = {
    chinese: "你好，世界。今天天气很好。",
    english: "Hello, world! How are you today?",
    german: "Guten Morgen, wie geht es Ihnen?",
    italian: "Ciao a tutti, come state oggi?",
    portuguese: "Bom dia a todos, como vocês estão?",
    spanish: "Buenos días, ¿cómo están ustedes?",
    japanese: "こんにちは、おげんきですか。",
    korean: "안녕하세요, 반갑습니다.",
    french: "Bonjour tout le monde, comment allez-vous ?",
    russian: "Привет, как дела сегодня?",
  };

  it.each(languages)("speaks %s, asked for or found out", async (language) => {
    const text = greetings[language];
    const asked = await speak(text, language);

    expect(seconds(asked)).toBeGreaterThan(1);
    expect(seconds(asked)).toBeLessThan(5);
    expect(loudnessOf(asked, engine.sampleRate)).toBeGreaterThan(-24);
    expect(digest(await speak(text, "auto"))).toBe(digest(asked));
  });

  it("count in ten ways", async () => {
    const counted = await Promise.all(languages.map((language) => speak("1, 2, 3", language)));

    expect(new Set(counted.map(digest)).size).toBe(10);
  });

  it("reads Chinese characters in a Japanese text instead of naming each", async () => {
    expect(seconds(await speak("東京", "japanese"))).toBeLessThan(1.2);
  });
});

describe("its audio", () => {
  const text =
    "One is here. Two is there, and on it goes! Is three the last of them?\n\nNo, four is.";

  it("comes in chunks of 80 ms at most", async () => {
    const { chunks } = await listen(engine, { text });

    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBe(chunkSamples);
    expect(Math.min(...chunks.map((chunk) => chunk.length))).toBeGreaterThan(0);
  });

  it("goes into and out of every pause without a click", async () => {
    const pcm = await speak(text);
    const pauses = [...silences(pcm, 0.1 * engine.sampleRate)];

    expect(pauses.length).toBeGreaterThanOrEqual(4);
    for (const [start, end] of pauses) {
      expect(Math.abs(pcm[start - 1] ?? 0)).toBeLessThan(0.05);
      expect(Math.abs(pcm[end] ?? 0)).toBeLessThan(0.05);
    }
  });

  it("is the same every time, alone or among others", async () => {
    const utterances = names.slice(0, 8).map((speaker, i) => {
      const language = languages[i] ?? "english";
      return { text: `${pangram} Привет, 你好 ${i}.`, speaker, language };
    });
    const alone: string[] = [];
    for (const utterance of utterances) alone.push(digest((await listen(engine, utterance)).pcm));

    const together = await Promise.all(utterances.map((utterance) => listen(engine, utterance)));

    expect(together.map(({ pcm }) => digest(pcm))).toEqual(alone);
    expect(new Set(alone).size).toBe(8);
  });

  it("takes turns: a short utterance does not wait for a long one", async () => {
    let longDone = false;
    const long = listen(engine, { text: pangram.repeat(20) }).then(() => {
      longDone = true;
    });

    await listen(engine, { text: "Hello." });

    expect(longDone).toBe(false);
    await long;
  });

  it("is made only as far as the reader's credit goes, and no further once he leaves", async () => {
    const before = engine.counters.chunks;
    const audio = begin(engine, { text: pangram.repeat(20) });
    await audio.next();

    await expect
      .poll(() => engine.counters.chunks - before)
      .toBeGreaterThan(maxSamplesAhead / chunkSamples);
    await listen(engine, { text: "Hello." });
    expect(engine.counters.chunks - before).toBeLessThan(60);
    await audio.return({ finish: "stop", inputTokens: 0, instructionTokens: 0 });
    await listen(engine, { text: "Hello." });
    const after = engine.counters.chunks;
    const { chunks } = await listen(engine, { text: "Hello." });
    expect(engine.counters.chunks).toBe(after + chunks.length);
  });
});

describe("odd text", () => {
  it.each(["...", "?!", "—", "<", "[[", "]]", "'", "\u200b", "(  )"])(
    "%j is silent and takes no time",
    async (text) => {
      expect((await listen(engine, { text })).chunks).toEqual([]);
    },
  );

  it.each([
    "😀",
    "👩‍👩‍👧",
    "#",
    "a\ud800b",
    "e\u0301".repeat(50),
    "¯\\_(ツ)_/¯",
    "\u0001V",
    "ไทย العربية",
  ])("%j is spoken somehow", async (text) => {
    const pcm = await speak(text);

    expect(seconds(pcm)).toBeGreaterThan(0.2);
  });

  it.each([
    ["a tag", "<b>you</b>", "you"],
    ["an entity", "&amp;", "&"],
    ["SSML", '<break time="9s"/> you', "you"],
    ["phoneme names", "[[h@l'oU]]", "hello"],
  ])("%s is read out, not obeyed", async (_, markup, obeyed) => {
    const read = seconds(await speak(markup));

    expect(read).toBeGreaterThan(seconds(await speak(obeyed)) + 0.1);
    expect(read).toBeLessThan(6);
  });

  it("of 4096 code points is spoken to its end", async () => {
    const sentence = "All of this is to be heard now. ";
    const { pcm, end } = await listen(engine, { text: sentence.repeat(128) });
    const [one, two] = [await speak(sentence), await speak(sentence.repeat(2))];

    expect(end).toEqual({ finish: "stop", inputTokens: 4096, instructionTokens: 0 });
    expect(pcm.length).toBe(one.length + 127 * (two.length - one.length));
  });

  it("without any space is spoken to its end", async () => {
    expect(seconds(await speak("x".repeat(160)))).toBeGreaterThan(
      8 * seconds(await speak("x".repeat(16))),
    );
  });
});

describe("its process", () => {
  it("sounds the same whenever it is loaded", async () => {
    const { now } = Date;
    const digests = new Set<string>();
    try {
      for (const time of [1_000_000_000_000, 2_000_000_000_000]) {
        Date.now = () => time;
        const { speak } = await loadEspeak();
        digests.add(digest(speak("Hello, there.", "english", builtinVoices.Vivian).pcm));
      }
    } finally {
      Date.now = now;
    }
    expect(digests.size).toBe(1);
  });

  it("sounds the same after it died and was started again", async () => {
    const before = digest(await speak(pangram));
    const running = failureOf(listen(engine, { text: pangram.repeat(20) }));
    const [pid = 0] = childrenOf(process.pid);
    process.kill(pid, "SIGKILL");

    expect(await running).toMatchObject({ status: 500 });
    await expect.poll(() => engine.state()).toBe("ready");
    expect(digest(await speak(pangram))).toBe(before);
  });

  it("holds the pace it is given", async () => {
    const paced = createBuiltinEngine({ env: { BUILTIN_PACE: "4" } });
    await paced.started();
    const text = pangram.repeat(2);
    const start = performance.now();
    const { pcm } = await listen(paced, { text });
    const elapsed = (performance.now() - start) / 1000;
    await paced.close();

    expect(digest(pcm)).toBe(digest((await listen(engine, { text })).pcm));
    expect(elapsed).toBeGreaterThan(seconds(pcm) / 4 - 0.05);
    expect(elapsed).toBeLessThan(0.8 * seconds(pcm));
  });

  it("does not start with a pace that is none", async () => {
    const broken = createBuiltinEngine({ env: { BUILTIN_PACE: "brisk" } });

    expect(String(await failureOf(broken.started()))).toContain("BUILTIN_PACE must be a number");
    expect(await failureOf(begin(broken, {}).next())).toMatchObject({ status: 503 });
    await broken.close();
  });
});

/** Runs of zeros at least so long, between sounds. */
function* silences(pcm: Float32Array, length: number): Generator<[start: number, end: number]> {
  let start = 0;
  for (let i = 0; i < pcm.length; i++) {
    if (pcm[i] === 0) continue;
    if (start > 0 && i - start >= length) yield [start, i];
    start = i + 1;
  }
}
