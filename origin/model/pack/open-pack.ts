import { join } from "node:path";
import { readConfig } from "../checkpoint/checkpoint.ts";
import { codecConfig } from "../checkpoint/codec-config.ts";
import { type GenerationConfig, generationConfig } from "../checkpoint/generation-config.ts";
import { clonesVoices, type ModelConfig, modelConfig } from "../checkpoint/model-config.ts";
import type { CodecStream } from "../codec/codec-stream.ts";
import type { SessionState } from "../codec/session-state.ts";
import type { Device } from "../device/device.ts";
import type { Generator } from "../generate/generator.ts";
import { generatorKindOf } from "../generate/generator-kind.ts";
import { partsHere } from "../parts/parts.ts";
import { partsApart } from "../parts/parts-apart.ts";
import { generatorYields, sharesOf, type ThreadShares } from "../parts/thread-shares.ts";
import { createPromptEmbedder, type PromptEmbedder } from "../prompt/prompt-embedder.ts";
import { checkTemplates } from "../prompt/templates.ts";
import { openSafetensors } from "../safetensors.ts";
import { openSession } from "../session.ts";
import { readTokenizer, type Tokenizer } from "../tokenizer.ts";
import { type Manifest, PackError, readManifest, rebuildAdvice } from "./manifest.ts";
import { packFiles } from "./pack-files.ts";
import { verifyPack } from "./verify-pack.ts";
import { createVoiceEncoders, type VoiceEncoders } from "./voice-encoders.ts";

/** A pack in memory, ready to speak. */
export interface LoadedPack {
  readonly manifest: Manifest;
  readonly device: Device;
  readonly config: ModelConfig;
  readonly generation: GenerationConfig;
  readonly tokenizer: Tokenizer;
  readonly embedder: PromptEmbedder;
  readonly generator: Generator;
  /** Whether frames and sound are made in threads of their own, at the same time; else each blocks this thread. */
  readonly isApart: boolean;
  /** What encodes voices; null where the model does not clone. */
  readonly encoders: VoiceEncoders | null;
  /** Begins an utterance's sound, behind a reference where there is one. */
  openCodec(after?: SessionState): CodecStream;
  /** The state of the codec after codes [frames, codebooks] that were said before. For models that clone. */
  codecAfter(codes: BigInt64Array): Promise<SessionState>;
  /** Resolves once all of its threads have done what was asked of them before. */
  answered(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** In all. */
  threads: number;
  /** The CPU by default. */
  device?: Device;
  /** See `GeneratorOptions`. */
  steady?: boolean;
  /** See `LoadedPack.isApart`. */
  apart?: boolean;
  /** Of the parts that are apart: by default what the pack's self-test has found to be the fastest. */
  shares?: ThreadShares;
}

/** Some 280 positions of the published models: instructions for several voices, or the words of a few references. */
const prefixMemoryBytes = 64e6;

async function readCheckedTokenizer(folder: string, config: ModelConfig): Promise<Tokenizer> {
  const tokenizer = await readTokenizer(folder);
  checkTemplates(tokenizer, config);
  return tokenizer;
}

/** Verifies a pack's files against its manifest and loads them. Throws PackError when one is missing or damaged. */
export async function openPack(folder: string, options: OpenOptions): Promise<LoadedPack> {
  const manifest = readManifest(folder);
  await verifyPack(folder, manifest);
  const { threads, device = "cpu", steady = false, apart = false } = options;
  const kind = generatorKindOf(device);
  const graph = packFiles[kind.name];
  if (!manifest.files[graph]) {
    throw new PackError(`${folder} has no ${graph}. ${rebuildAdvice(manifest)}`);
  }
  const config = readConfig(join(folder, "config.json"), modelConfig);
  const generation = readConfig(join(folder, "generation_config.json"), generationConfig);
  const codecSettings = readConfig(join(folder, "speech_tokenizer", "config.json"), codecConfig);
  const tensors = openSafetensors(join(folder, packFiles.embeddings));
  const projection = await openSession(join(folder, packFiles.projection), { threads, device });
  const { num_hidden_layers: layers, code_predictor_config: predictor } = config.talker_config;
  const embedder = await createPromptEmbedder({ config, tensors, projection });
  const shares = apart
    ? (options.shares ?? sharesOf(threads, manifest.self_test))
    : { generate: threads, codec: threads };
  const parts = apart ? partsApart : partsHere;
  const opening = [
    parts.openGenerator({
      path: join(folder, graph),
      device,
      threads: shares.generate,
      layers,
      pad: embedder.pad,
      predictorVocabulary: predictor.vocab_size,
      steady,
      yielding: apart && generatorYields(threads, shares),
      prefixBytes: device === "cpu" ? prefixMemoryBytes : 0,
    }),
    parts.openCodec({
      path: join(folder, packFiles.codec),
      device,
      threads: shares.codec,
      config: codecSettings.decoder_config,
    }),
  ] as const;
  // Last, since it keeps this thread busy for a second, in which those of the parts load.
  const reading = readCheckedTokenizer(folder, config);
  const [generating, decoding, tokenizer] = await Promise.all([...opening, reading]).catch(
    async (cause) => {
      const opened = await Promise.allSettled(opening);
      for (const part of opened) if (part.status === "fulfilled") await part.value.close();
      await projection.close();
      tensors.close();
      throw cause;
    },
  );
  const { speaker_encoder_config: speakerEncoder } = config;
  return {
    manifest,
    device,
    config,
    generation,
    tokenizer,
    embedder,
    generator: generating.generator,
    isApart: apart,
    encoders:
      clonesVoices(config) && speakerEncoder
        ? createVoiceEncoders({
            folder,
            manifest,
            threads,
            config: speakerEncoder,
            samplesPerFrame: codecSettings.encode_downsample_rate,
          })
        : null,
    openCodec: decoding.open,
    codecAfter: decoding.stateAfter,
    async answered() {
      await Promise.all([generating.answered(), decoding.answered()]);
    },
    async close() {
      tensors.close();
      await Promise.all([projection, generating, decoding].map((part) => part.close()));
    },
  };
}
