import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { type ModelId, nativeModels } from "../../../shared/models.ts";
import { type Checkpoint, openCheckpoint } from "../checkpoint/checkpoint.ts";
import type { ModelConfig } from "../checkpoint/model-config.ts";
import { buildCodecDecoder } from "../codec/decoder-graph.ts";
import { buildGenerate } from "../generate/graph.ts";
import type { Precision } from "../generate/precision.ts";
import { createDataFile } from "../onnx/data-file.ts";
import { createModel, type Model } from "../onnx/model.ts";
import { buildTextProjection } from "../prompt/text-projection.ts";
import { writeEmbeddingFile } from "./embedding-file.ts";
import { hashFile } from "./hash-file.ts";
import { type Manifest, manifestName, packFormat } from "./manifest.ts";

/** The files of a pack beside its manifest. */
export const packFiles = {
  embeddings: "embeddings.safetensors",
  projection: "text-projection.onnx",
  generate: "generate.onnx",
  codec: "codec.onnx",
} as const;

/** Small files that are read at run time as the publisher wrote them. */
const copiedFiles = [
  "config.json",
  "generation_config.json",
  "tokenizer_config.json",
  "vocab.json",
  "merges.txt",
  "speech_tokenizer/config.json",
];

export interface BuildOptions {
  /** A checkpoint in the official layout. */
  folder: string;
  precision: Precision;
  modelsDirectory: string;
  /** The model the pack answers for; by default what the checkpoint says of its size and kind. */
  model?: ModelId;
  /** Told what is being done, a few words at a time. */
  onProgress?: (step: string) => void;
}

/**
 * Builds a checkpoint into a pack and returns the pack's folder. The pack appears whole or not at all, and takes the
 * place of one of the same model and precision. Throws an error that names what is wrong with the checkpoint.
 */
export async function buildPack(options: BuildOptions): Promise<string> {
  const { precision, modelsDirectory, onProgress = () => {} } = options;
  const source = resolve(options.folder);
  const checkpoint = openCheckpoint(source);
  try {
    const model = options.model ?? modelOf(checkpoint.config);
    const target = join(modelsDirectory, `${model}.${precision}`);
    mkdirSync(modelsDirectory, { recursive: true });
    const folder = mkdtempSync(join(modelsDirectory, ".building-"));
    try {
      writeFiles(folder, checkpoint, precision, onProgress);
      onProgress("digests");
      const manifest = await describe(folder, { checkpoint, source, model, precision });
      writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
      rmSync(target, { recursive: true, force: true });
      renameSync(folder, target);
      return target;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  } finally {
    checkpoint.close();
  }
}

function writeFiles(
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

  const graph = (file: string, build: (model: Model) => void) => {
    onProgress(file);
    const path = join(folder, file);
    const data = createDataFile(dataPath(path));
    try {
      const model = createModel(data);
      build(model);
      model.write(path);
    } finally {
      data.close();
    }
  };
  graph(packFiles.projection, (model) => buildTextProjection(model, config.talker_config, tensors));
  graph(packFiles.generate, (model) => buildGenerate(model, { config, tensors }, precision));
  graph(packFiles.codec, (model) => buildCodecDecoder(model, codecTensors, codec.decoder_config));
}

function dataPath(graphPath: string): string {
  return graphPath.replace(/\.onnx$/, ".data");
}

interface Subject {
  checkpoint: Checkpoint;
  source: string;
  model: ModelId;
  precision: Precision;
}

async function describe(folder: string, subject: Subject): Promise<Manifest> {
  const { checkpoint, source, model, precision } = subject;
  const { talker_config: talker } = checkpoint.config;
  const names = [
    ...copiedFiles,
    packFiles.embeddings,
    ...[packFiles.projection, packFiles.generate, packFiles.codec].flatMap((name) => [
      name,
      basename(dataPath(name)),
    ]),
  ];
  const files: Manifest["files"] = {};
  for (const name of names) {
    const path = join(folder, name);
    files[name] = { bytes: statSync(path).size, sha256: await hashFile(path) };
  }
  return {
    format: packFormat,
    tool: tool(),
    model,
    precision,
    source: { folder: source, sha256: await hashFile(checkpoint.tensors.path) },
    built_at: Math.floor(Date.now() / 1000),
    shapes: {
      hidden_size: talker.hidden_size,
      layers: talker.num_hidden_layers,
      codebooks: talker.num_code_groups,
      sample_rate: checkpoint.codec.output_sample_rate,
      samples_per_frame: checkpoint.codec.decode_upsample_rate,
    },
    files,
  };
}

function tool(): string {
  const { name, version } = createRequire(import.meta.url)("../../../package.json");
  return `${name} ${version}`;
}

/** The id by the publisher's own naming: `0b6` and `custom_voice` make `qwen3-tts-12hz-0.6b-custom-voice`. */
function modelOf({ tts_model_size: size, tts_model_type: kind }: ModelConfig): ModelId {
  const id = `qwen3-tts-12hz-${size.replace(/^(\d+)b(\d+)$/, "$1.$2b")}-${kind.replace("_", "-")}`;
  if (Object.hasOwn(nativeModels, id)) return id as ModelId;
  const ids = Object.keys(nativeModels).join(", ");
  throw new Error(
    `the checkpoint calls itself a ${kind} model of size ${size}, which is none of ${ids}: say with --model for which of them it is to answer`,
  );
}
