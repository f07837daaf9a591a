// What a voice's reference is in a prompt. It is the same in every one, so it is made once for each voice.
import type { TalkerConfig } from "../checkpoint/model-config.ts";
import type { SafetensorsFile } from "../safetensors.ts";

/** A reference as vectors [H] each. */
export interface EmbeddedReference {
  /** Of the tokens of what is said. */
  text: readonly Float32Array[];
  /** Of the frames: sums of the embeddings of their codes. */
  frames: readonly Float32Array[];
}

/** The tables of the codebooks but for the first one's, which is the talker's own. */
export function predictorTables({ num_code_groups }: TalkerConfig): string[] {
  return Array.from(
    { length: num_code_groups - 1 },
    (_, index) => `talker.code_predictor.model.codec_embedding.${index}.weight`,
  );
}

/** Sums up the frames of codes [frames][codebooks] as they are fed back when they are said. */
export function embedFrames(
  codes: Uint16Array,
  talker: TalkerConfig,
  tensors: Pick<SafetensorsFile, "readRows">,
): Float32Array[] {
  const tables = ["talker.model.codec_embedding.weight", ...predictorTables(talker)];
  return Array.from({ length: codes.length / tables.length }, (_, frame) => {
    const sum = new Float32Array(talker.hidden_size);
    for (const [codebook, table] of tables.entries()) {
      const row = tensors.readRows(table, codes[frame * tables.length + codebook] ?? 0, 1);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (row[i] ?? 0);
    }
    return sum;
  });
}
