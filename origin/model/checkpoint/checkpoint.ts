import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { openSafetensors, type SafetensorsFile } from "../safetensors.ts";
import { type CodecConfig, codecConfig } from "./codec-config.ts";
import { codecDecoderShapes } from "./codec-decoder-shapes.ts";
import { codecEncoderShapes } from "./codec-encoder-shapes.ts";
import { compareTensors } from "./compare-tensors.ts";
import { type GenerationConfig, generationConfig } from "./generation-config.ts";
import { type ModelConfig, modelConfig } from "./model-config.ts";
import { modelShapes } from "./model-shapes.ts";
import { type Shapes, under } from "./shapes.ts";

/** A directory in the layout of the published Qwen3-TTS-12Hz repositories. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly generation: GenerationConfig;
  readonly codec: CodecConfig;
  readonly tensors: SafetensorsFile;
  readonly codecTensors: SafetensorsFile;
  close(): void;
}

/** Opens and validates a checkpoint whole. Throws an error that names the file and what is wrong in it. */
export function openCheckpoint(folder: string): Checkpoint {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`${folder} is not a folder`);
  }
  const config = readConfig(join(folder, "config.json"), modelConfig);
  const generation = readConfig(join(folder, "generation_config.json"), generationConfig);
  const codecPath = join(folder, "speech_tokenizer", "config.json");
  const codec = readConfig(codecPath, codecConfig);
  checkAgreement(codecPath, config, codec);

  const tensors = openTensors(join(folder, "model.safetensors"), modelShapes(config));
  const codecTensorsPath = join(folder, "speech_tokenizer", "model.safetensors");
  let codecTensors: SafetensorsFile;
  try {
    codecTensors = openTensors(codecTensorsPath, codecShapes(codec));
  } catch (error) {
    tensors.close();
    throw error;
  }

  return {
    folder,
    config,
    generation,
    codec,
    tensors,
    codecTensors,
    close() {
      tensors.close();
      codecTensors.close();
    },
  };
}

/** Every tensor of `speech_tokenizer/model.safetensors`. */
export function codecShapes(codec: CodecConfig): Shapes {
  return {
    ...under("decoder", codecDecoderShapes(codec.decoder_config)),
    ...under("encoder", codecEncoderShapes(codec.encoder_config)),
  };
}

/** Reads a JSON file by a schema. Throws an error that names the file and what is wrong in it. */
export function readConfig<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): z.infer<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new Error(`${path} cannot be read as JSON: ${cause}`, { cause });
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    throw new Error(`${path} is not supported:\n${z.prettifyError(result.error)}`);
  }
  return result.data;
}

/** The language model speaks in the codec's codes. */
function checkAgreement(path: string, config: ModelConfig, codec: CodecConfig): void {
  const { vocab_size, num_code_groups } = config.talker_config.code_predictor_config;
  const { codebook_size, num_quantizers } = codec.decoder_config;
  if (num_quantizers !== num_code_groups || codebook_size !== vocab_size) {
    throw new Error(
      `${path}: ${num_quantizers} codebooks of ${codebook_size} do not fit a model of ` +
        `${num_code_groups} codebooks of ${vocab_size}`,
    );
  }
}

function openTensors(path: string, expected: Shapes): SafetensorsFile {
  const file = openSafetensors(path);
  try {
    compareTensors(path, file.tensors, expected);
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}
