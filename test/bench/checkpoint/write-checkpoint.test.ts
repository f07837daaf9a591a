import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { openCheckpoint } from "../../../origin/model/checkpoint/checkpoint.ts";
import { codecConfig } from "../../../origin/model/checkpoint/codec-config.ts";
import { modelConfig } from "../../../origin/model/checkpoint/model-config.ts";
import { readTokenizer } from "../../../origin/model/tokenizer.ts";
import { digest } from "../../support/digest.ts";
import { referenceDirectory } from "../../support/golden-cases.ts";
import { configurationFiles, type ModelKind } from "./configuration.ts";
import { type SizeName, sizes } from "./sizes.ts";
import { assistantTokenId, createVocabulary } from "./vocabulary.ts";
import { writeCheckpoint } from "./write-checkpoint.ts";

let folder: string;

function write(name: string, kind: ModelKind, seed: number): string {
  const target = join(folder, name);
  writeCheckpoint(target, { size: "tiny", kind, seed, meanFrames: 30 });
  return target;
}

const weights = (checkpoint: string) => digest(readFileSync(join(checkpoint, "model.safetensors")));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

it("tells how far it is", () => {
  const steps: string[] = [];
  const onProgress = (step: string) => void steps.push(step);
  const options = { size: "tiny", kind: "custom_voice", seed: 1, meanFrames: 30 } as const;
  writeCheckpoint(join(folder, "told"), { ...options, onProgress });
  for (const file of ["model.safetensors", "speech_tokenizer/model.safetensors"]) {
    const own = steps.filter((step) => step.includes(` ${file} `));
    expect(own.length).toBeGreaterThan(2);
    expect(own.length).toBeLessThanOrEqual(10);
    expect(own.at(-1)).toMatch(/^100 % {2}\S+ {2}[\d.]+ [kM]B$/);
  }
});

it.each(["custom_voice", "voice_design", "base"] as const)(
  "a checkpoint of kind %s has the layout of the published ones, in their types",
  (kind) => {
    const checkpoint = openCheckpoint(write(kind, kind, 1));
    expect(checkpoint.config.tts_model_type).toBe(kind);
    expect(new Set(Array.from(checkpoint.tensors.tensors.values(), ({ dtype }) => dtype))).toEqual(
      new Set(["BF16"]),
    );
    expect(checkpoint.codecTensors.tensors.get("decoder.pre_conv.conv.weight")?.dtype).toBe("F32");
    checkpoint.close();
  },
);

it("depends on the seed alone", () => {
  const first = weights(write("first", "custom_voice", 7));
  expect(weights(write("again", "custom_voice", 7))).toBe(first);
  expect(weights(write("other", "custom_voice", 8))).not.toBe(first);
});

it("draws matrices that keep what passes them near 1", () => {
  const { tensors, close } = openCheckpoint(write("scale", "custom_voice", 3));
  const values = tensors.read("talker.model.layers.0.mlp.gate_proj.weight");
  const meanSquare = values.reduce((total, value) => total + value * value, 0) / values.length;
  expect(Math.sqrt(meanSquare * sizes.tiny.talker.hidden_size)).toBeCloseTo(1, 1);
  close();
});

it("reads every text, takes English in pieces of letters, and the templates' words as one", async () => {
  const tokenizer = await readTokenizer(write("text", "custom_voice", 1));
  expect(tokenizer.encodeTemplate("<|im_start|>assistant\n")).toHaveLength(3);
  expect(tokenizer.encode("the quick brown fox").length).toBeLessThan(12);
  expect(tokenizer.encode("駅 🚂").length).toBe(8);
  expect(createVocabulary(151_643).merges).toHaveLength(151_643 - 256);
});

describe("the configurations of full size agree with the published ones:", () => {
  const read = (name: string) =>
    JSON.parse(readFileSync(`${referenceDirectory}official-config/${name}.json`, "utf8"));

  test.for([
    ["0.6b", "custom_voice"],
    ["0.6b", "base"],
    ["1.7b", "custom_voice"],
    ["1.7b", "voice_design"],
    ["1.7b", "base"],
  ] as [SizeName, ModelKind][])("%s %s", ([size, kind], context) => {
    if (!referenceDirectory) {
      return context.skip("the official configurations are not on this machine");
    }
    const files = configurationFiles(size, kind, sizes[size]);
    const published = modelConfig.parse(read(`${size}-${kind.replace("_", "-")}`));
    expect(modelConfig.parse(files["config.json"])).toEqual({
      ...published,
      // A word of the vocabulary, which is not the published one.
      assistant_token_id: assistantTokenId,
    });
    expect(codecConfig.parse(files["speech_tokenizer/config.json"])).toEqual(
      codecConfig.parse(read("speech-tokenizer")),
    );
    const added = read("tokenizer_config").added_tokens_decoder;
    const ours = files["tokenizer_config.json"].added_tokens_decoder as Record<string, object>;
    expect(Object.keys(ours)).toEqual(Object.keys(added));
    for (const [id, token] of Object.entries(ours)) expect(added[id]).toMatchObject(token);
  });
});
