import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import { createTalker } from "../../../../origin/model/generate/talker.ts";
import type { KeyValue } from "../../../../origin/model/generate/transformer.ts";
import { createWeights } from "../../../../origin/model/weights.ts";
import { nano, pico, presetVoiceCases } from "../../../support/golden-cases.ts";
import { relativeError } from "../../../support/relative-error.ts";
import { load } from "../built-model.ts";

/** The talker without the loop around it. */
async function loadTalker(folder: string) {
  const checkpoint = openCheckpoint(folder);
  const config = checkpoint.config.talker_config;
  let cacheShape: readonly number[] = [];
  const session = await load((model) => {
    const weights = createWeights(model, checkpoint.tensors, {
      format: "float32",
      prefix: "talker.",
    });
    const talker = createTalker(model, config, { layers: weights, heads: weights, exact: weights });
    cacheShape = talker.cacheShape;
    const [heads, headSize] = talker.cacheShape;
    const past: KeyValue[] = Array.from({ length: config.num_hidden_layers }, (_, layer) => ({
      key: model.input(`key.${layer}`, "float32", [1, heads, "P", headSize]),
      value: model.input(`value.${layer}`, "float32", [1, heads, "P", headSize]),
    }));
    const x = model.input("x", "float32", [1, "L", config.hidden_size]);
    const { hidden, logits, present } = talker.run(x, past, {
      last: model.input("last", "int32", [1]),
      total: model.input("total", "int32", []),
    });
    model.output("hidden", hidden, [1, 1, config.hidden_size]);
    model.output("logits", logits, [1, config.vocab_size]);
    present.forEach(({ key, value }, layer) => {
      model.output(`key.${layer}.next`, key, [1, heads, "T", headSize]);
      model.output(`value.${layer}.next`, value, [1, heads, "T", headSize]);
    });
  });
  checkpoint.close();

  const [heads = 0, headSize = 0] = cacheShape;
  const empty = new Tensor("float32", new Float32Array(0), [1, heads, 0, headSize]);
  const emptyCache = Object.fromEntries(
    Array.from({ length: config.num_hidden_layers }, (_, layer) => [
      [`key.${layer}`, empty],
      [`value.${layer}`, empty],
    ]).flat(),
  );
  const int32 = (value: number, shape: number[]) =>
    new Tensor("int32", Int32Array.of(value), shape);
  return {
    async run(vectors: Float32Array, total: number, cache: Record<string, Tensor> = emptyCache) {
      const steps = vectors.length / config.hidden_size;
      const outputs = await session.run({
        ...cache,
        x: new Tensor("float32", vectors, [1, steps, config.hidden_size]),
        last: int32(total - 1, [1]),
        total: int32(total, []),
      });
      const next = Object.keys(emptyCache).map((name) => [name, outputs[`${name}.next`]]);
      return {
        hidden: outputs.hidden?.data as Float32Array,
        logits: outputs.logits?.data as Float32Array,
        cache: Object.fromEntries(next) as Record<string, Tensor>,
      };
    },
  };
}

describe.each([pico, nano])("$name", (set) => {
  if (!set.present) return test.skip("its checkpoints are not on this machine", () => {});

  test.each(presetVoiceCases(set))(
    "$name has the official hidden vector and logits",
    async (golden) => {
      const talker = await loadTalker(golden.checkpoint);

      const { hidden, logits } = await talker.run(
        golden.floats("prompt.f32"),
        golden.prompt_length,
      );

      expect(relativeError(hidden, golden.floats("prefill_hidden.f32"))).toBeLessThan(1e-5);
      expect(relativeError(logits, golden.floats("prefill_logits.f32"))).toBeLessThan(1e-5);
    },
  );
});

test("a cached step answers what the whole sequence at once answers", async () => {
  const [golden] = presetVoiceCases(pico);
  if (!golden) throw new Error("pico has no cases");
  const talker = await loadTalker(golden.checkpoint);
  const vectors = golden.floats("prompt.f32");
  const split = vectors.length - golden.hidden_size;

  const whole = await talker.run(vectors, golden.prompt_length);
  const { cache } = await talker.run(vectors.slice(0, split), golden.prompt_length - 1);
  const stepped = await talker.run(vectors.slice(split), golden.prompt_length, cache);

  expect(relativeError(stepped.logits, whole.logits)).toBeLessThan(1e-5);
});
