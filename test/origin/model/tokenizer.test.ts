import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { preTokenizerPattern, readTokenizer } from "../../../origin/model/tokenizer.ts";
import { nano, pico, referenceDirectory } from "../../support/golden-cases.ts";

const picoCheckpoint = `${pico.directory}/checkpoints/pico-0.6b-custom-voice`;

describe.each([pico, nano])("with the vocabulary of $name", (set) => {
  test("gives the ids of the official tokenizer", async (context) => {
    if (!set.present) return context.skip(`the ${set.name} checkpoints are not on this machine`);
    const tokenizer = await readTokenizer(
      `${set.directory}/checkpoints/${set.name}-0.6b-custom-voice`,
    );
    const cases: { text: string; ids: number[] }[] = JSON.parse(
      readFileSync(`${set.directory}/tokenizer.json`, "utf8"),
    );

    const ids = cases.map(({ text }) => tokenizer.encodeTemplate(text));

    expect(cases.length).toBeGreaterThan(30);
    expect(ids).toEqual(cases.map((item) => item.ids));
  });
});

test("cuts text where the official pre-tokenizer cuts it", (context) => {
  if (!referenceDirectory) return context.skip("pre-tokenizer.json is not on this machine");
  const cases: [string, string[]][] = JSON.parse(
    readFileSync(`${referenceDirectory}pre-tokenizer.json`, "utf8"),
  );
  const pattern = new RegExp(preTokenizerPattern, "gu");

  const pieces = cases.map(([text]) => text.match(pattern) ?? []);

  expect(cases).toHaveLength(1000);
  expect(pieces).toEqual(cases.map(([, expected]) => expected));
});

test.each([
  ["I'm 25 years old!\n\nOK  go", "I|'m| |2|5| years| old|!\n\n|OK| | go"],
  ["iPhone's 3G  \n x", "iPhone|'s| |3|G|  \n| x"],
  ["café 你好，2026年", "café| 你好|，|2|0|2|6|年"],
  ["a\u0085b\ufeffc", "a|\u0085b|\ufeffc"],
])("cuts %j", (text, pieces) => {
  expect(text.match(new RegExp(preTokenizerPattern, "gu"))?.join("|")).toBe(pieces);
});

test("reads added tokens in a template and only characters in text", async () => {
  const tokenizer = await readTokenizer(picoCheckpoint);

  expect(tokenizer.encodeTemplate("<|im_start|>user\n")).toEqual([281, 266, 10]);
  expect(tokenizer.encode("<|im_start|>")).toEqual([..."<|im_start|>"].map((c) => c.charCodeAt(0)));
});

test("composes text before it looks for tokens", async () => {
  const tokenizer = await readTokenizer(picoCheckpoint);

  expect(tokenizer.encode("e\u0301")).toEqual([195, 169]);
});

test("takes time in proportion to the length of a word", async () => {
  const tokenizer = await readTokenizer(picoCheckpoint);
  // Processor time, because a busy machine stretches the wall clock.
  const cost = (words: string[]) => {
    const before = process.cpuUsage();
    for (const word of words) tokenizer.encode(word);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const short = Array<string>(16).fill("as".repeat(1024));
  const long = [short.join("")];
  cost(short);

  // Were the cost quadratic, the one long word would cost 16 times as much as its parts.
  expect(cost(long) / cost(short)).toBeLessThan(5);
  expect(tokenizer.encode("a".repeat(4096))).toHaveLength(4096);
});

describe("a damaged vocabulary", () => {
  const directory = mkdtempSync(join(tmpdir(), "tokenizer-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each([
    ["vocab.json", '{"a": 0}', "vocab.json: 1 of 256 byte tokens"],
    [
      "vocab.json",
      '{"a": 0, "b": 1.5}',
      'vocab.json: the id of "b" must be a whole number; it is 1.5',
    ],
    ["vocab.json", "[]", "vocab.json: it must be an object of ids by token"],
    ["merges.txt", "#version: 0.2\na s\nq q\n", 'vocab.json: no id for the merge ["q","q"]'],
    ["merges.txt", "a s\nqq\n", 'merges.txt: merge 2 is not a pair: "qq"'],
  ])("%s is refused: %j", async (file, content, message) => {
    cpSync(picoCheckpoint, directory, { recursive: true });
    writeFileSync(join(directory, file), content);

    await expect(readTokenizer(directory)).rejects.toThrow(message);
  });
});
