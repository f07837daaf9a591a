/**
 * Prompts as vectors. The embedding tables are the largest tensors of a checkpoint and a prompt needs few of their
 * rows, so the rows are read from the file and only those are projected.
 */
import { Tensor } from "onnxruntime-node";
import { mixVectors } from "../../voices/mix.ts";
import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { SafetensorsFile } from "../safetensors.ts";
import type { Session } from "../session.ts";
import type { PromptLayout, TextPart } from "./prompt-layout.ts";
import { type EmbeddedReference, embedFrames } from "./reference-embedder.ts";
import type { SpeakerPart, VoicePart } from "./voice-tokens.ts";

export interface EmbeddedPrompt {
  /** [positions, H] */
  embeddings: Float32Array;
  /** See `PromptLayout`. */
  fixedPositions: number;
  /** [n, H]: added to the first n frames that are fed back; the others get `pad`. */
  trailing: Float32Array;
}

export interface PromptEmbedder {
  /** [H]: the text pad. */
  readonly pad: Float32Array;
  embed(layout: PromptLayout): Promise<EmbeddedPrompt>;
  /** A voice's reference: the ids of what is said, and codes [frames][codebooks]. For models that clone only. */
  embedReference(text: readonly number[], codes: Uint16Array): Promise<EmbeddedReference>;
}

export interface PromptEmbedderOptions {
  config: ModelConfig;
  tensors: Pick<SafetensorsFile, "readRows">;
  /** The model of `buildTextProjection`. */
  projection: Session;
}

export async function createPromptEmbedder(
  options: PromptEmbedderOptions,
): Promise<PromptEmbedder> {
  const { config, tensors, projection } = options;
  const { hidden_size: width, text_hidden_size: textWidth } = config.talker_config;

  /** The projected vectors of text ids, by id. */
  async function project(ids: ReadonlySet<number>): Promise<Map<number, Float32Array>> {
    const rows = new Float32Array(ids.size * textWidth);
    [...ids].forEach((id, index) => {
      const row = tensors.readRows("talker.model.text_embedding.weight", id, 1);
      rows.set(row, index * textWidth);
    });
    const text = new Tensor("float32", rows, [ids.size, textWidth]);
    const { projected } = await projection.run({ text });
    const vectors = projected?.data as Float32Array;
    return new Map(
      [...ids].map((id, index) => [id, vectors.subarray(index * width, (index + 1) * width)]),
    );
  }

  const pad = get(await project(new Set([config.tts_pad_token_id])), config.tts_pad_token_id);

  const codecRow = (id: number) => tensors.readRows("talker.model.codec_embedding.weight", id, 1);

  const voiceVector = (part: VoicePart) => (typeof part === "number" ? codecRow(part) : part);

  function codecVector(part: Exclude<SpeakerPart, null>): Float32Array {
    if (typeof part === "number" || part instanceof Float32Array) return voiceVector(part);
    return mixVectors(part.map(({ part, weight }) => ({ vector: voiceVector(part), weight })));
  }

  return {
    pad,
    async embed({ positions, fixedPositions, trailing }) {
      const texts = [...positions.map(({ text }) => text), ...trailing];
      const vectors = await project(new Set(texts.filter((text) => typeof text === "number")));
      const textVector = (text: TextPart) => (typeof text === "number" ? get(vectors, text) : text);
      const embeddings = new Float32Array(positions.length * width);
      positions.forEach(({ text, codec }, index) => {
        const sum = embeddings.subarray(index * width, (index + 1) * width);
        sum.set(textVector(text));
        if (codec === null) return;
        const row = codecVector(codec);
        for (let i = 0; i < width; i++) sum[i] = (sum[i] ?? 0) + (row[i] ?? 0);
      });
      const trailingVectors = new Float32Array(trailing.length * width);
      trailing.forEach((text, index) => {
        trailingVectors.set(textVector(text), index * width);
      });
      return { embeddings, fixedPositions, trailing: trailingVectors };
    },
    async embedReference(text, codes) {
      const vectors = await project(new Set(text));
      return {
        text: text.map((id) => get(vectors, id)),
        frames: embedFrames(codes, config.talker_config, tensors),
      };
    },
  };
}

function get(vectors: ReadonlyMap<number, Float32Array>, id: number): Float32Array {
  const vector = vectors.get(id);
  if (!vector) throw new Error(`text id ${id} has not been projected`);
  return vector;
}
