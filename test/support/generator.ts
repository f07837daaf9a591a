import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../../origin/model/checkpoint/checkpoint.ts";
import { type GeneratorKind, generatorKindOf } from "../../origin/model/generate/generator-kind.ts";
import type { Precision } from "../../origin/model/generate/precision.ts";
import { createDataFile } from "../../origin/model/onnx/data-file.ts";
import type { Model } from "../../origin/model/onnx/graph.ts";
import { createModel } from "../../origin/model/onnx/model.ts";
import { createPromptEmbedder } from "../../origin/model/prompt/prompt-embedder.ts";
import { layOutPrompt } from "../../origin/model/prompt/prompt-layout.ts";
import { tokenizePrompt } from "../../origin/model/prompt/prompt-text.ts";
import { buildTextProjection } from "../../origin/model/prompt/text-projection.ts";
import { voiceTokens } from "../../origin/model/prompt/voice-tokens.ts";
import { openSession, type Tensors } from "../../origin/model/session.ts";
import { readTokenizer } from "../../origin/model/tokenizer.ts";
import type { GoldenCase } from "./golden-cases.ts";

/** Everything between a text and its codes, built from a checkpoint into a temporary folder. */
export async function openGenerator(
  folder: string,
  options: {
    precision?: Precision;
    steady?: boolean;
    prefixBytes?: number;
    /** Is given what each call of the graph gives. */
    onOutputs?: (outputs: Tensors) => void;
    kind?: GeneratorKind;
  } = {},
) {
  const { precision = "float32", steady = false, prefixBytes = 0 } = options;
  const { kind = generatorKindOf("cpu"), onOutputs } = options;
  const checkpoint = openCheckpoint(folder);
  const { config, tensors } = checkpoint;
  const pack = mkdtempSync(join(tmpdir(), "generator-"));
  const dataFile = createDataFile(join(pack, "weights.data"));
  const build = (name: string, fill: (model: Model) => void) => {
    const model = createModel(dataFile);
    fill(model);
    model.write(join(pack, name));
    return join(pack, name);
  };
  const projection = await openSession(
    build("projection.onnx", (model) => buildTextProjection(model, config.talker_config, tensors)),
    { threads: 1 },
  );
  const session = await kind.open(
    build("generate.onnx", (model) => kind.build(model, checkpoint, precision)),
    { device: "cpu", threads: 1, layers: config.talker_config.num_hidden_layers },
  );
  dataFile.close();
  const tokenizer = await readTokenizer(folder);
  const embedder = await createPromptEmbedder({ config, tensors, projection });

  return {
    generator: kind.drive({
      session: {
        ...session,
        async run(inputs) {
          const outputs = await session.run(inputs);
          onOutputs?.(outputs);
          return outputs;
        },
      },
      pad: embedder.pad,
      predictorVocabulary: config.talker_config.code_predictor_config.vocab_size,
      steady,
      prefixBytes,
    }),
    pad: embedder.pad,
    promptOf(golden: GoldenCase) {
      const text = tokenizePrompt(tokenizer, golden.text, golden.instruct ?? null);
      const voice = voiceTokens(config.talker_config, {
        speaker: golden.speaker ?? null,
        language: golden.language,
      });
      const layout = golden.non_streaming_mode ? "whole" : "streaming";
      return embedder.embed(layOutPrompt(config, text, voice, layout));
    },
    async close() {
      await session.close();
      await projection.close();
      checkpoint.close();
      rmSync(pack, { recursive: true });
    },
  };
}
