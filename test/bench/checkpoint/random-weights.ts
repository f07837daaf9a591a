// Values with which a network of any depth keeps its activations near 1: what a layer adds up has a deviation of 1 when
// its inputs have, and what is added to a residual stream is small.
import type { TalkerConfig } from "../../../origin/model/checkpoint/model-config.ts";
import { endOfSpeechWeight, markedChannel } from "./end-of-speech.ts";

/** Every element is `mean` plus a draw of this deviation. */
export interface Distribution {
  mean: number;
  deviation: number;
}

/** Of a tensor, by its name in the checkpoint and its shape. */
export function distributionOf(name: string, shape: readonly number[]): Distribution {
  const constant = (mean: number) => ({ mean, deviation: 0 });
  if (/norm\.weight$|cluster_usage$|initialized$/.test(name)) return constant(1);
  if (/\.bias$|\.alpha$|\.beta$/.test(name)) return constant(0);
  if (/layer_scale\.scale$|\.gamma$/.test(name)) return constant(branchGain);
  if (/embedding\.|embedding_sum$|embed_sum$/.test(name)) return { mean: 0, deviation: 1 };
  return { mean: 0, deviation: gainOf(name, shape) / Math.sqrt(inputsOf(name, shape)) };
}

/** How much a branch weighs against the residual stream it is added to. */
const branchGain = 0.1;
/** Brings the waveform to about the level of speech, -20 to -30 dBFS. */
const outputGain = 0.03;

function gainOf(name: string, shape: readonly number[]): number {
  if (/(o_proj|down_proj|conv2\.conv)\.weight$/.test(name)) return branchGain;
  const isWaveform = name.startsWith("decoder.decoder.") && shape[0] === 1;
  return isWaveform ? outputGain : 1;
}

/** How many products add up to one output. */
function inputsOf(name: string, [outputs = 1, inputs = 1, kernel = 1]: readonly number[]): number {
  // Transposed convolutions are stored [in, out, k]; steps of k make one tap reach an output, steps of k / 2 two.
  if (/upsample\.\d+\.0\.conv/.test(name)) return outputs;
  if (/^decoder\.decoder\.\d+\.block\.1\.conv/.test(name)) return 2 * outputs;
  return inputs * kernel;
}

/** Changes one row of a matrix after it has been drawn. */
export type RowPatch = (row: Float32Array, index: number) => void;

/** What lets a talker end its utterances after `meanFrames` frames on average, by tensor name. */
export function endOfSpeechPatches(
  config: TalkerConfig,
  meanFrames: number,
): (name: string) => RowPatch | undefined {
  const weight = endOfSpeechWeight(meanFrames, {
    codes: config.code_predictor_config.vocab_size,
    width: config.hidden_size,
    embeddings: config.num_code_groups,
  });
  return (name) => {
    if (/codec_embedding\.(\d+\.)?weight$/.test(name)) {
      return (row) => {
        row[0] = markedChannel;
      };
    }
    if (name !== "talker.codec_head.weight") return undefined;
    return (row, index) => {
      if (index === config.codec_eos_token_id) row.fill(0);
      row[0] = index === config.codec_eos_token_id ? weight : 0;
    };
  };
}
