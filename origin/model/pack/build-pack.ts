import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { type ModelId, nativeModels } from "../../../shared/models.ts";
import { type Checkpoint, openCheckpoint } from "../checkpoint/checkpoint.ts";
import { clonesVoices, type ModelConfig } from "../checkpoint/model-config.ts";
import type { Precision } from "../generate/precision.ts";
import { acquireLock } from "../lock.ts";
import { hashFile } from "./hash-file.ts";
import { type Manifest, manifestName, packFormat, readManifest } from "./manifest.ts";
import { packFileNames } from "./pack-files.ts";
import { replaceFolder } from "./replace-folder.ts";
import type { SelfTestRecord } from "./self-test-record.ts";
import { noteVerified } from "./verify-pack.ts";
import { writePackFiles } from "./write-pack-files.ts";

/** Speaks with the pack in this folder; that it cannot be loaded is a finding too. */
export type SelfTest = (folder: string) => Promise<SelfTestRecord>;

export interface BuildOptions {
  /** A checkpoint in the official layout. */
  folder: string;
  precision: Precision;
  modelsDirectory: string;
  /** The model the pack answers for; by default what the checkpoint says of its size and kind. */
  model?: ModelId;
  /** Speaks with the pack, before it may be served, and tells what was found; `false` leaves it untried. */
  selfTest: SelfTest | false;
  /** Told what is being done, a few words at a time. */
  onProgress?: (step: string) => void;
}

/**
 * Builds a checkpoint into a pack, speaks with it, and returns the pack's folder. The pack appears whole or not at all,
 * and takes the place of one of the same model and precision, which is there until then. Throws an error that names what is wrong with the
 * checkpoint, or that the same pack is being built already, and a PackError when the self-test fails; then what was built
 * is kept beside the place it would have taken.
 */
export async function buildPack(options: BuildOptions): Promise<string> {
  const { precision, modelsDirectory, selfTest, onProgress = () => {} } = options;
  const source = resolve(options.folder);
  const checkpoint = openCheckpoint(source);
  try {
    const model = options.model ?? modelOf(checkpoint.config);
    const target = join(modelsDirectory, `${model}.${precision}`);
    const folder = join(modelsDirectory, `.${model}.${precision}.building`);
    const lock = acquireLock(`${folder}.lock`, `Another build of ${model} in ${precision}`);
    try {
      // An interrupted build may have left gigabytes.
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      writePackFiles(folder, checkpoint, precision, onProgress);
      onProgress("digests");
      const manifest = await describe(folder, { checkpoint, source, model, precision });
      writeManifest(folder, manifest);
      noteVerified(folder, manifest);
      if (selfTest) {
        onProgress("self-test");
        manifest.self_test = await selfTest(folder);
        writeManifest(folder, manifest);
      }
      const failed = `${target}.failed`;
      const place = manifest.self_test?.problem ? failed : target;
      replaceFolder(folder, place);
      if (place !== failed) rmSync(failed, { recursive: true, force: true });
      // Throws when it has failed.
      readManifest(place);
      return place;
    } finally {
      rmSync(folder, { recursive: true, force: true });
      lock.release();
    }
  } finally {
    checkpoint.close();
  }
}

function writeManifest(folder: string, manifest: Manifest): void {
  writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
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
  const files: Manifest["files"] = {};
  for (const name of packFileNames({ clones: clonesVoices(checkpoint.config) })) {
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
