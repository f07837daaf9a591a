/**
 * Prompts as vectors. The embedding tables are the largest tensors of a checkpoint and a prompt needs few of their
 * rows, so the rows are read from the file and only those are projected.
 */
import { Tensor } from "onnxruntime-node";
import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { SafetensorsFile } from "../safetensors.ts";
import type { Session } from "../session.ts";
import type { PromptLayout } from "./prompt-layout.ts";

export interface EmbeddedPrompt {
  /** [positions, H] */
  embeddings: Float32Array;
  /** [n, H]: added to the first n frames that are fed back; the others get `pad`. */
  trailing: Float32Array;
}

export interface PromptEmbedder {
  /** [H]: the text pad. */
  readonly pad: Float32Array;
  embed(layout: PromptLayout): Promise<EmbeddedPrompt>;
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

  return {
    pad,
    async embed({ positions, trailing }) {
      const vectors = await project(new Set([...positions.map(({ text }) => text), ...trailing]));
      const embeddings = new Float32Array(positions.length * width);
      positions.forEach(({ text, codec }, index) => {
        const sum = embeddings.subarray(index * width, (index + 1) * width);
        sum.set(get(vectors, text));
        if (codec === null) return;
        const row = tensors.readRows("talker.model.codec_embedding.weight", codec, 1);
        for (let i = 0; i < width; i++) sum[i] = (sum[i] ?? 0) + (row[i] ?? 0);
      });
      const trailingVectors = new Float32Array(trailing.length * width);
      trailing.forEach((id, index) => {
        trailingVectors.set(get(vectors, id), index * width);
      });
      return { embeddings, trailing: trailingVectors };
    },
  };
}

function get(vectors: ReadonlyMap<number, Float32Array>, id: number): Float32Array {
  const vector = vectors.get(id);
  if (!vector) throw new Error(`text id ${id} has not been projected`);
  return vector;
}
