/**
 * Checkpoints that lose their way, or are damaged, each in one known manner: the small one with random weights, with a few of
 * its tensors rewritten.
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Rewrite = (values: Float32Array, shape: readonly number[]) => void;

/** The end of speech, and a code, in the talker's vocabulary of the small checkpoints. */
const endToken = 166;
const someCode = 7;

/** So large that it outweighs everything in its row or channel, and still exact in bfloat16. */
const overwhelming = 64;

/** Gives every vector that the talker reads, and so every one that it ends with, the same large first channel. */
const constantFirstChannel: Rewrite = (bias) => {
  bias[0] = overwhelming;
};

/** Lets that channel decide about one token alone. */
const decideOn = (token: number, logit: number): Rewrite => {
  return (head, [rows = 0, width = 0]) => {
    for (let row = 0; row < rows; row++) head[row * width] = row === token ? logit : 0;
  };
};

const talker = "model.safetensors";
const codec = "speech_tokenizer/model.safetensors";
const projectionBias = "talker.text_projection.linear_fc2.bias";
const codecHead = "talker.codec_head.weight";

const manners = {
  /** Never says its end token. */
  endless: [
    [talker, projectionBias, constantFirstChannel],
    [talker, codecHead, decideOn(endToken, -overwhelming)],
  ],
  /** Says the same first code in every frame, with others to it. */
  stuck: [
    [talker, projectionBias, constantFirstChannel],
    [talker, codecHead, decideOn(someCode, overwhelming)],
  ],
  /** Never says its end token, and nothing that it says can be heard. */
  silent: [
    [talker, projectionBias, constantFirstChannel],
    [talker, codecHead, decideOn(endToken, -overwhelming)],
    [codec, "decoder.decoder.6.conv.weight", (values) => values.fill(0)],
    [codec, "decoder.decoder.6.conv.bias", (values) => values.fill(0)],
  ],
  /** Speaks, but no sample of it is a number. */
  unreal: [[codec, "decoder.decoder.6.conv.bias", (values) => values.fill(Number.NaN)]],
} as const satisfies Record<string, readonly (readonly [string, string, Rewrite])[]>;

export type Manner = keyof typeof manners;

/** Copies a small checkpoint to `folder` and makes it lose its way there. */
export function writeLostCheckpoint(manner: Manner, source: string, folder: string): void {
  cpSync(source, folder, { recursive: true });
  for (const [file, tensor, rewrite] of manners[manner]) {
    rewriteTensor(join(folder, file), tensor, rewrite);
  }
}

/** Rewrites one float32 or bfloat16 tensor of a safetensors file in place. */
function rewriteTensor(path: string, name: string, rewrite: Rewrite): void {
  const bytes = readFileSync(path);
  const headerEnd = 8 + Number(bytes.readBigUInt64LE());
  const { dtype, shape, data_offsets } = JSON.parse(bytes.toString("utf8", 8, headerEnd))[name];
  const view = new DataView(bytes.buffer, bytes.byteOffset + headerEnd + data_offsets[0]);
  const size = dtype === "F32" ? 4 : 2;
  const values = new Float32Array((data_offsets[1] - data_offsets[0]) / size);
  const isFull = size === 4;
  for (let i = 0; i < values.length; i++) {
    const word = isFull ? view.getUint32(i * 4, true) : view.getUint16(i * 2, true) << 16;
    new DataView(values.buffer).setUint32(i * 4, word, true);
  }
  rewrite(values, shape);
  for (let i = 0; i < values.length; i++) {
    const word = new DataView(values.buffer).getUint32(i * 4, true);
    if (isFull) view.setUint32(i * 4, word, true);
    else view.setUint16(i * 2, word >>> 16, true);
  }
  writeFileSync(path, bytes);
}
