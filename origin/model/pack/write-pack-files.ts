import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { buildCodecDecoder } from "../codec/decoder-graph.ts";
import { buildFrame } from "../generate/frame-graph.ts";
import { buildGenerate } from "../generate/graph.ts";
import type { Precision } from "../generate/precision.ts";
import { createDataFile } from "../onnx/data-file.ts";
import { createModel, type Model } from "../onnx/model.ts";
import { buildTextProjection } from "../prompt/text-projection.ts";
import { writeEmbeddingFile } from "./embedding-file.ts";
import { copiedFiles, dataFileOf, packFiles } from "./pack-files.ts";

/** Writes everything but the manifest into an empty folder. */
export function writePackFiles(
  folder: string,
  checkpoint: Checkpoint,
  precision: Precision,
  onProgress: (step: string) => void,
): void {
  const { config, codec, tensors, codecTensors } = checkpoint;
  for (const name of copiedFiles) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(checkpoint.folder, name), join(folder, name));
  }
  onProgress("embeddings");
  writeEmbeddingFile(join(folder, packFiles.embeddings), tensors);

  /** The graphs share their weights. */
  const graphs = (builds: Readonly<Record<string, (model: Model) => void>>) => {
    const [first = ""] = Object.keys(builds);
    const data = createDataFile(join(folder, dataFileOf(first)));
    try {
      for (const [file, build] of Object.entries(builds)) {
        onProgress(file);
        const model = createModel(data);
        build(model);
        model.write(join(folder, file));
      }
    } finally {
      data.close();
    }
  };
  const { projection, loop, frame, codec: decoder } = packFiles;
  graphs({
    [projection]: (model) => buildTextProjection(model, config.talker_config, tensors),
  });
  graphs({
    [loop]: (model) => buildGenerate(model, { config, tensors }, precision),
    [frame]: (model) => buildFrame(model, { config, tensors }, precision),
  });
  graphs({
    [decoder]: (model) => buildCodecDecoder(model, codecTensors, codec.decoder_config),
  });
}
