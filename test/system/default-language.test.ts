import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { modelListSchema } from "../../shared/answers.ts";
import { askForFrames } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";

const languages = ["english", "german"] as const;

let origins: Record<(typeof languages)[number] | "respelled", Origin>;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lexicon-"));
  const LEXICON_FILE = join(folder, "lexicon.json");
  writeFileSync(LEXICON_FILE, JSON.stringify({ SQL: "sequel", de: { SQL: "Datenbank" } }));
  const [english, german, respelled] = await Promise.all([
    startTestOrigin({ ENGINE: "builtin" }),
    startTestOrigin({ ENGINE: "builtin", DEFAULT_LANGUAGE: "de" }),
    startTestOrigin({ ENGINE: "builtin", LEXICON_FILE }),
  ]);
  origins = { english, german, respelled };
});

afterAll(async () => {
  await Promise.all(Object.values(origins).map((origin) => origin.close()));
  rmSync(folder, { recursive: true });
});

async function speak(
  where: keyof typeof origins,
  input: string,
  language?: string,
  others: Record<string, unknown> = {},
) {
  const fields = {
    input,
    response_format: "pcm",
    voice: "echo",
    ...(language ? { language } : {}),
    ...others,
  };
  return askForFrames(origins[where].url, fields);
}

it.each(["2026", "3.14", "Wi-Fi"])(
  "a text that tells no language, %j, is spoken in the default one",
  async (text) => {
    const [german, told, english] = [
      await speak("german", text),
      await speak("german", text, "german"),
      await speak("english", text),
    ];
    expect(Buffer.from(german.audio).equals(Buffer.from(told.audio))).toBe(true);
    expect(Buffer.from(german.audio).equals(Buffer.from(english.audio))).toBe(false);
  },
);

it("a text that tells its language is spoken in that", async () => {
  const [here, there] = [
    await speak("german", "Good morning"),
    await speak("english", "Good morning"),
  ];
  expect(Buffer.from(here.audio).equals(Buffer.from(there.audio))).toBe(true);
});

it("what is spoken so is another variant, with files of its own, in lists and at the end of speech alike", async () => {
  const [english, german] = [await speak("english", "7"), await speak("german", "7")];
  expect(german.end).toMatchObject({ variant: "german", released_at: english.end.released_at });
  expect(german.end.revision).not.toBe(english.end.revision);
  const answer = await fetch(`${origins.german.url}/v1/models`);
  const { data } = modelListSchema.parse(await answer.json());
  expect(data.find(({ id }) => id === "tts-1")?.revision).toBe(german.end.revision);
});

it("signs are put in words for the builtin engine, unless the request says otherwise", async () => {
  const [usual, on, words, off] = [
    await speak("english", "It is 7 km.", "english"),
    await speak("english", "It is 7 km.", "english", { normalization: "on" }),
    await speak("english", "It is seven kilometers.", "english"),
    await speak("english", "It is 7 km.", "english", { normalization: "off" }),
  ];
  expect(Buffer.from(usual.audio).equals(Buffer.from(words.audio))).toBe(true);
  expect(Buffer.from(on.audio).equals(Buffer.from(words.audio))).toBe(true);
  expect(Buffer.from(off.audio).equals(Buffer.from(words.audio))).toBe(false);
});

it("words are spoken as the request's lexicon says", async () => {
  const lexicon = { sql: "sequel", "7": "no rule's 8" };
  const [respelled, words] = [
    await speak("english", "SQL and 7", "english", { lexicon }),
    await speak("english", "sequel and no rule's 8", "english", { normalization: "off" }),
  ];
  expect(Buffer.from(respelled.audio).equals(Buffer.from(words.audio))).toBe(true);
});

it("an origin with a lexicon of its own speaks by it, as another variant, and requests have the last word", async () => {
  const [english, german, words, worte, asked, other] = [
    await speak("respelled", "I like SQL", "english"),
    await speak("respelled", "Ich mag SQL", "german"),
    await speak("english", "I like sequel", "english"),
    await speak("english", "Ich mag Datenbank", "german"),
    await speak("respelled", "I like SQL", "english", { lexicon: { sql: "squirrel" } }),
    await speak("english", "I like squirrel", "english"),
  ];
  expect(Buffer.from(english.audio).equals(Buffer.from(words.audio))).toBe(true);
  expect(Buffer.from(german.audio).equals(Buffer.from(worte.audio))).toBe(true);
  expect(Buffer.from(asked.audio).equals(Buffer.from(other.audio))).toBe(true);
  expect(english.end.variant).toMatch(/^lexicon-[0-9a-f]{8}$/);
  expect(english.end.revision).not.toBe(words.end.revision);
  const answer = await fetch(`${origins.respelled.url}/v1/models`);
  const { data } = modelListSchema.parse(await answer.json());
  expect(data.find(({ id }) => id === "tts-1")?.revision).toBe(english.end.revision);
});
