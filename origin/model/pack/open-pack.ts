import { statSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../checkpoint/checkpoint.ts";
import { codecConfig } from "../checkpoint/codec-config.ts";
import { type GenerationConfig, generationConfig } from "../checkpoint/generation-config.ts";
import { type ModelConfig, modelConfig } from "../checkpoint/model-config.ts";
import { type CodecStream, openCodecStream } from "../codec/codec-stream.ts";
import type { Device } from "../device/device.ts";
import { createGenerator, type Generator } from "../generate/generator.ts";
import { createPromptEmbedder, type PromptEmbedder } from "../prompt/prompt-embedder.ts";
import { openSafetensors } from "../safetensors.ts";
import { openSession } from "../session.ts";
import { readTokenizer, type Tokenizer } from "../tokenizer.ts";
import { packFiles } from "./build-pack.ts";
import { hashFile } from "./hash-file.ts";
import { type Manifest, PackError, readManifest, rebuildAdvice } from "./manifest.ts";

/** A pack in memory, ready to speak. */
export interface LoadedPack {
  readonly manifest: Manifest;
  readonly config: ModelConfig;
  readonly generation: GenerationConfig;
  readonly tokenizer: Tokenizer;
  readonly embedder: PromptEmbedder;
  readonly generator: Generator;
  openCodec(): CodecStream;
  close(): Promise<void>;
}

export interface OpenOptions {
  threads: number;
  /** The CPU by default. */
  device?: Device;
  /** See `GeneratorOptions`. */
  steady?: boolean;
}

/** Verifies a pack's files against its manifest and loads them. Throws PackError when one is missing or damaged. */
export async function openPack(folder: string, options: OpenOptions): Promise<LoadedPack> {
  const manifest = readManifest(folder);
  await verify(folder, manifest);
  const { threads, device = "cpu", steady = false } = options;
  const config = readConfig(join(folder, "config.json"), modelConfig);
  const generation = readConfig(join(folder, "generation_config.json"), generationConfig);
  const codecSettings = readConfig(join(folder, "speech_tokenizer", "config.json"), codecConfig);
  const tensors = openSafetensors(join(folder, packFiles.embeddings));
  const open = (file: string) => openSession(join(folder, file), { threads, device });
  const projection = await open(packFiles.projection);
  const generate = await open(packFiles.generate);
  const codec = await open(packFiles.codec);
  const embedder = await createPromptEmbedder({ config, tensors, projection });
  return {
    manifest,
    config,
    generation,
    tokenizer: await readTokenizer(folder),
    embedder,
    generator: createGenerator({ session: generate, pad: embedder.pad, steady }),
    openCodec: () => openCodecStream(codec, codecSettings.decoder_config),
    async close() {
      tensors.close();
      await Promise.all([projection, generate, codec].map((session) => session.close()));
    },
  };
}

async function verify(folder: string, manifest: Manifest): Promise<void> {
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    const damage =
      size === undefined
        ? "is missing"
        : size !== bytes
          ? `has ${size} bytes instead of ${bytes}`
          : (await hashFile(path)) !== sha256
            ? "does not have the content it was built with"
            : undefined;
    if (damage) throw new PackError(`${path} ${damage}. ${rebuildAdvice(manifest)}`);
  }
}
