import type { CodecStream } from "../codec/codec-stream.ts";
import type { SessionState } from "../codec/session-state.ts";
import { concatenate } from "../concatenate.ts";
import type { LoadedPack } from "../pack/open-pack.ts";
import { type Check, near } from "./check.ts";
import { absoluteError } from "./difference.ts";

/** Of samples from -1 to 1: three steps of 16 bits. */
const maxSampleError = 1e-4;

/** Frames of one push after the other, again and again until all are decoded. */
const chunkings: readonly [name: string, frames: readonly [number, ...number[]]][] = [
  ["in one call", [Number.POSITIVE_INFINITY]],
  ["frame by frame", [1]],
  ["3 frames at a time", [3]],
  ["7 frames at a time", [7]],
  ["in mixed chunks", [1, 2, 8, 3, 16, 5]],
];

/** What codes [frames][codebooks] sound like, decoded at once and as a stream, from the beginning or after others. */
export async function* waveChecks(
  name: string,
  pack: LoadedPack,
  codes: readonly number[][],
  wave: Float32Array,
  after?: SessionState,
): AsyncGenerator<Check> {
  for (const [how, chunking] of chunkings) {
    const waves = { actual: await decode(pack.openCodec(after), codes, chunking), expected: wave };
    yield near(`${name}: waveform ${how}`, waves, absoluteError, maxSampleError);
  }
}

async function decode(
  stream: CodecStream,
  codes: readonly number[][],
  chunking: readonly [number, ...number[]],
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  let next = 0;
  for (let turn = 0; next < codes.length; turn++) {
    const count = chunking[turn % chunking.length] ?? 1;
    const frames = codes.slice(next, next + count).flat();
    parts.push(await stream.push(BigInt64Array.from(frames, BigInt)));
    next += count;
  }
  return concatenate(parts);
}
