import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import { concatenate } from "../concatenate.ts";
import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { add } from "../onnx/ops/arithmetic.ts";
import { reduceSum } from "../onnx/ops/reduction.ts";
import { concat, gather, slice } from "../onnx/ops/shape.ts";
import { permute } from "../permute.ts";
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
    centroids(codebooks, read),
  );
  const projection = weights.derivedMatrix("output_proj", [codebook_dim, codebook_dim], (read) =>
    sideBySide(read, codebook_dim, width),
  );

  const firstRows = codebooks.map((_, index) => index * codebook_size);
  const vectors = gather(table, add(codes, firstRows));
  const semantic = reduceSum(slice(vectors, { axis: 2, start: 0, end: 1 }), [2]);
  const acoustic = reduceSum(slice(vectors, { axis: 2, start: 1 }), [2]);
  return linear(concat([semantic, acoustic], -1), projection);
}

/** Training keeps sums of vectors [codebook size, width] and how many there were [codebook size]. */
export function centroidsOf(sums: Float32Array, usage: Float32Array): Float32Array {
  const width = sums.length / usage.length;
  return sums.map(
    (sum, index) => sum / Math.max(usage[Math.floor(index / width)] ?? 0, usageFloor),
  );
}

/** The centroids of all codebooks, one after the other. */
function centroids(codebooks: readonly string[], read: Read): Float32Array {
  const tables = codebooks.map((codebook) => {
    const sums = read(`${codebook}._codebook.embedding_sum`);
    return centroidsOf(sums, read(`${codebook}._codebook.cluster_usage`));
  });
  return concatenate(tables);
}

/** The projections of both sides, [out, width] each, as one [out, 2 · width]. */
function sideBySide(read: Read, outputs: number, width: number): Float32Array {
  const projections = ["rvq_first", "rvq_rest"].map((side) => read(`${side}.output_proj.weight`));
  return permute(concatenate(projections), [2, outputs, width], [1, 0, 2]);
}
