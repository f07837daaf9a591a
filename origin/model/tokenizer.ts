/**
 * The text tokenizer of Qwen3-TTS: the byte-level BPE of Qwen2, read from vocab.json, merges.txt and the added tokens
 * of tokenizer_config.json. The checkpoints ship no tokenizer.json.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer as Pipeline } from "@huggingface/tokenizers";
import * as z from "zod";

export interface Tokenizer {
  /** The ids of plain text. Added tokens mean nothing in it: "<|im_end|>" is ten characters like any other. */
  encode(text: string): number[];
  /** The ids of trusted text, in which every added token written out stands for itself. */
  encodeTemplate(text: string): number[];
}

/** The regex of QwenLM's Qwen2 tokenizer in JavaScript, whose `\s` is not Unicode's White_Space. */
export const preTokenizerPattern = [
  String.raw`'(?:[sS\u017f]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])`,
  String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`,
  String.raw`\p{N}`,
  String.raw` ?[^\p{White_Space}\p{L}\p{N}]+[\r\n]*`,
  String.raw`\p{White_Space}*[\r\n]+`,
  String.raw`\p{White_Space}+(?!\P{White_Space})`,
  String.raw`\p{White_Space}+`,
].join("|");

const byteValues = 256;

const configSchema = z.object({
  added_tokens_decoder: z.record(z.string(), z.object({ content: z.string().min(1) })),
});

/**
 * Reads the tokenizer of a checkpoint directory.
 *
 * Throws when a file is missing or malformed, or when some text would have no ids.
 */
export async function readTokenizer(directory: string): Promise<Tokenizer> {
  const read = (name: string) => readFile(join(directory, name), "utf8");
  const [vocabularyJson, mergesText, configJson] = await Promise.all([
    read("vocab.json"),
    read("merges.txt"),
    read("tokenizer_config.json"),
  ]);
  const vocabulary = parseVocabulary(vocabularyJson);
  const merges = parseMerges(mergesText);
  assertComplete(vocabulary, merges);
  const { added_tokens_decoder: added } = configSchema.parse(JSON.parse(configJson));
  const addedIds = new Map(Object.entries(added).map(([id, { content }]) => [content, Number(id)]));

  const pipeline = new Pipeline(
    {
      added_tokens: [],
      normalizer: { type: "NFC" },
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          {
            type: "Split",
            pattern: { Regex: preTokenizerPattern },
            behavior: "Isolated",
            invert: false,
          },
          { type: "ByteLevel", add_prefix_space: false, use_regex: false },
        ],
      },
      model: { type: "BPE", vocab: vocabulary, merges },
      post_processor: null,
      decoder: null,
    },
    {},
  );

  const encode = (text: string) => pipeline.encode(text).ids;
  const addedToken = anyOf([...addedIds.keys()]);
  return {
    encode,
    encodeTemplate: (text) =>
      text.split(addedToken).flatMap((part) => addedIds.get(part) ?? encode(part)),
  };
}

/** Checked by hand: a schema takes a quarter of a second for a hundred and fifty thousand entries. */
function parseVocabulary(json: string): Record<string, number> {
  const vocabulary: unknown = JSON.parse(json);
  if (typeof vocabulary !== "object" || vocabulary === null || Array.isArray(vocabulary)) {
    throw new Error("vocab.json: it must be an object of ids by token");
  }
  for (const [token, id] of Object.entries(vocabulary)) {
    if (Number.isInteger(id) && id >= 0) continue;
    const [name, value] = [token, id].map((part) => JSON.stringify(part));
    throw new Error(`vocab.json: the id of ${name} must be a whole number; it is ${value}`);
  }
  return vocabulary as Record<string, number>;
}

function parseMerges(text: string): [string, string][] {
  const lines = text.replace(/^#version.*\n/, "").split("\n");
  return lines.filter(Boolean).map((line, index) => {
    const [left, right, ...rest] = line.split(" ");
    if (!left || !right || rest.length > 0) {
      throw new Error(`merges.txt: merge ${index + 1} is not a pair: ${JSON.stringify(line)}`);
    }
    return [left, right];
  });
}

/** The BPE of the library drops what has no id, so every byte and every merge must have one. */
function assertComplete(vocabulary: Record<string, number>, merges: [string, string][]): void {
  const bytes = Object.keys(vocabulary).filter((token) => token.length === 1).length;
  if (bytes < byteValues) throw new Error(`vocab.json: ${bytes} of ${byteValues} byte tokens`);
  const orphan = merges.find((pair) => !Object.hasOwn(vocabulary, pair.join("")));
  if (orphan) throw new Error(`vocab.json: no id for the merge ${JSON.stringify(orphan)}`);
}

/** Matches the longest of the literals; the group makes `split` keep what it matched. */
function anyOf(literals: string[]): RegExp {
  const longestFirst = literals.toSorted((a, b) => b.length - a.length);
  const escaped = longestFirst.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`(${escaped.join("|")})`);
}
