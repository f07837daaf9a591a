import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { add } from "../onnx/ops/arithmetic.ts";
import { reduceSum } from "../onnx/ops/reduction.ts";
import { concat, gather, slice } from "../onnx/ops/shape.ts";
import type { Read, Weights } from "../weights.ts";

/** Usage below this counts as this; the value of the official code. */
const usageFloor = 1e-5;

/**
 * Codes [B, T, codebooks] to latents [B, T, codebook_dim]: the first codebook and the sum of the others, each through
 * a projection of its own.
 */
export function dequantize(codes: Value, weights: Weights, config: CodecDecoderConfig): Value {
  const { num_quantizers, codebook_size, codebook_dim } = config;
  const width = codebook_dim / 2;
  const codebooks = Array.from({ length: num_quantizers }, (_, index) =>
    index === 0 ? "rvq_first.vq.layers.0" : `rvq_rest.vq.layers.${index - 1}`,
  );
  const table = weights.derived("codebooks", [num_quantizers * codebook_size, width], (read) =>
    centroids(codebooks, width, read),
  );
  const projection = weights.derivedMatrix("output_proj", [codebook_dim, codebook_dim], (read) =>
    sideBySide(read("rvq_first.output_proj.weight"), read("rvq_rest.output_proj.weight"), width),
  );

  const firstRows = codebooks.map((_, index) => index * codebook_size);
  const vectors = gather(table, add(codes, firstRows));
  const semantic = reduceSum(slice(vectors, { axis: 2, start: 0, end: 1 }), [2]);
  const acoustic = reduceSum(slice(vectors, { axis: 2, start: 1 }), [2]);
  return linear(concat([semantic, acoustic], -1), projection);
}

/** Training keeps sums of vectors and how many there were; the centroids of all codebooks, one after the other. */
function centroids(codebooks: readonly string[], width: number, read: Read): Float32Array {
  const tables = codebooks.map((codebook) => {
    const usage = read(`${codebook}._codebook.cluster_usage`);
    return read(`${codebook}._codebook.embedding_sum`).map(
      (sum, index) => sum / Math.max(usage[Math.floor(index / width)] ?? 0, usageFloor),
    );
  });
  return Float32Array.from(tables.flatMap((table) => [...table]));
}

/** Two matrices of `width` columns as one of twice as many. */
function sideBySide(left: Float32Array, right: Float32Array, width: number): Float32Array {
  const joined = new Float32Array(left.length + right.length);
  for (let row = 0; row < left.length / width; row++) {
    const from = row * width;
    joined.set(left.subarray(from, from + width), 2 * from);
    joined.set(right.subarray(from, from + width), 2 * from + width);
  }
  return joined;
}
