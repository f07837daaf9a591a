import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { clonesVoices } from "../checkpoint/model-config.ts";
import { buildCodecDecoder } from "../codec/decoder-graph.ts";
import { buildCodecEncoder } from "../codec-encoder/encoder-graph.ts";
import { generatorKinds } from "../generate/generator-kind.ts";
import type { Precision } from "../generate/precision.ts";
import { createDataFile } from "../onnx/data-file.ts";
import type { Model } from "../onnx/graph.ts";
import { createModel } from "../onnx/model.ts";
import { buildTextProjection } from "../prompt/text-projection.ts";
import { buildSpeakerEncoder } from "../speaker-encoder/encoder-graph.ts";
import { writeEmbeddingFile } from "./embedding-file.ts";
import { copiedFiles, dataFileOf, encoderFiles, packFiles } from "./pack-files.ts";

type Build = (model: Model) => void;

/** Writes everything but the manifest into an empty folder. */
export function writePackFiles(
  folder: string,
  checkpoint: Checkpoint,
  precision: Precision,
  onProgress: (step: string) => void,
): void {
  const { config, codec, tensors, codecTensors } = checkpoint;
  const clones = clonesVoices(config);
  for (const name of copiedFiles) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(checkpoint.folder, name), join(folder, name));
  }
  onProgress("embeddings");
  writeEmbeddingFile(join(folder, packFiles.embeddings), checkpoint);

  /** Graphs that are written together share their weights. */
  const writeGraphs = (...graphs: readonly (readonly [file: string, build: Build])[]) => {
    const [[first] = [""]] = graphs;
    const data = createDataFile(join(folder, dataFileOf(first)));
    try {
      for (const [file, build] of graphs) {
        onProgress(file);
        const model = createModel(data);
        build(model);
        model.write(join(folder, file));
      }
    } finally {
      data.close();
    }
  };
  writeGraphs([
    packFiles.projection,
    (model) => buildTextProjection(model, config.talker_config, tensors),
  ]);
  writeGraphs(
    ...generatorKinds.map(({ name, build }): [string, Build] => [
      packFiles[name],
      (model) => build(model, { config, tensors }, precision),
    ]),
  );
  writeGraphs([
    packFiles.codec,
    (model) =>
      buildCodecDecoder(model, codecTensors, codec.decoder_config, { skipsFrames: clones }),
  ]);
  if (!clones) return;
  const { speaker_encoder_config: speakerEncoder } = config;
  if (!speakerEncoder) throw new Error("a model that clones voices has a speaker encoder");
  writeGraphs([
    encoderFiles.speaker,
    (model) => buildSpeakerEncoder(model, tensors, speakerEncoder),
  ]);
  writeGraphs([encoderFiles.codec, (model) => buildCodecEncoder(model, codecTensors, codec)]);
}
