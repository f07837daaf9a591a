import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../../origin/model/checkpoint/checkpoint.ts";
import { createGenerator } from "../../origin/model/generate/generator.ts";
import { buildGenerate } from "../../origin/model/generate/graph.ts";
import type { Precision } from "../../origin/model/generate/precision.ts";
import { createDataFile } from "../../origin/model/onnx/data-file.ts";
import { createModel } from "../../origin/model/onnx/model.ts";
import { createPromptEmbedder } from "../../origin/model/prompt/prompt-embedder.ts";
import { layOutPrompt } from "../../origin/model/prompt/prompt-layout.ts";
import { tokenizePrompt } from "../../origin/model/prompt/prompt-text.ts";
import { buildTextProjection } from "../../origin/model/prompt/text-projection.ts";
import { voiceTokens } from "../../origin/model/prompt/voice-tokens.ts";
import { openSession } from "../../origin/model/session.ts";
import { readTokenizer } from "../../origin/model/tokenizer.ts";
import type { GoldenCase } from "./golden-cases.ts";

/** Everything between a text and its codes, built from a checkpoint into a temporary folder. */
export async function openGenerator(
  folder: string,
  options: { precision?: Precision; steady?: boolean } = {},
) {
  const { precision = "float32", steady = false } = options;
  const checkpoint = openCheckpoint(folder);
  const { config, tensors } = checkpoint;
  const pack = mkdtempSync(join(tmpdir(), "generator-"));
  const dataFile = createDataFile(join(pack, "weights.data"));
  const build = async (name: string, fill: (model: ReturnType<typeof createModel>) => void) => {
    const model = createModel(dataFile);
    fill(model);
    model.write(join(pack, name));
    return openSession(join(pack, name), { threads: 1 });
  };
  const projection = await build("projection.onnx", (model) =>
    buildTextProjection(model, config.talker_config, tensors),
  );
  const session = await build("generate.onnx", (model) =>
    buildGenerate(model, checkpoint, precision),
  );
  dataFile.close();
  const tokenizer = await readTokenizer(folder);
  const embedder = await createPromptEmbedder({ config, tensors, projection });

  return {
    generator: createGenerator({ session, pad: embedder.pad, steady }),
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
