import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatBytes } from "../../../origin/download/format-bytes.ts";
import { codecShapes } from "../../../origin/model/checkpoint/checkpoint.ts";
import { codecConfig } from "../../../origin/model/checkpoint/codec-config.ts";
import { modelConfig } from "../../../origin/model/checkpoint/model-config.ts";
import { modelShapes } from "../../../origin/model/checkpoint/model-shapes.ts";
import { configurationFiles, type ModelKind } from "./configuration.ts";
import { endOfSpeechPatches } from "./random-weights.ts";
import { type SizeName, sizes } from "./sizes.ts";
import { createVocabulary } from "./vocabulary.ts";
import { writeTensors } from "./write-tensors.ts";

export interface CheckpointOptions {
  size: SizeName;
  kind: ModelKind;
  seed: number;
  /** How long its utterances are on average. */
  meanFrames: number;
  /** Told of each tenth of a file that has been written. */
  onProgress?: (step: string) => void;
}

/** Fills a folder, which may be there, with a checkpoint of random weights in the published layout and sizes. */
export function writeCheckpoint(folder: string, options: CheckpointOptions): void {
  const { size, kind, seed, meanFrames, onProgress = () => {} } = options;
  const tenths = (file: string) => {
    let told = 0;
    return (written: number, total: number) => {
      const tenth = Math.floor((10 * written) / total);
      if (tenth === told) return;
      told = tenth;
      onProgress(`${10 * tenth} %  ${file}  ${formatBytes(written)}`);
    };
  };
  const files = configurationFiles(size, kind, sizes[size]);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  }

  const { tokens, merges } = createVocabulary(sizes[size].textTokens);
  writeFileSync(join(folder, "vocab.json"), JSON.stringify(Object.fromEntries(tokens)));
  writeFileSync(join(folder, "merges.txt"), merges.map((pair) => `${pair.join(" ")}\n`).join(""));

  const config = modelConfig.parse(files["config.json"]);
  const model = "model.safetensors";
  writeTensors(
    join(folder, model),
    {
      dtype: "BF16",
      shapes: modelShapes(config),
      seed,
      patchOf: endOfSpeechPatches(config.talker_config, meanFrames),
    },
    tenths(model),
  );
  const codec = codecConfig.parse(files["speech_tokenizer/config.json"]);
  const codecModel = "speech_tokenizer/model.safetensors";
  writeTensors(
    join(folder, codecModel),
    { dtype: "F32", shapes: codecShapes(codec), seed },
    tenths(codecModel),
  );
}
