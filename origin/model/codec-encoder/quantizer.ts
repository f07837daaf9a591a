import type { CodecEncoderConfig } from "../checkpoint/codec-config.ts";
import { centroidsOf } from "../codec/dequantize.ts";
import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { matmul, subtract } from "../onnx/ops/arithmetic.ts";
import { argMax } from "../onnx/ops/reduction.ts";
import { concat, gather, transpose, unsqueeze } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";

/**
 * Features x [B, T, hidden size] to codes int64 [B, T, codebooks], of which the checkpoint may have more: the first from a
 * quantiser of its own, the others each from what those before it leave (residual vector quantisation).
 */
export function quantize(
  x: Value,
  weights: Weights,
  config: CodecEncoderConfig,
  codebooks: number,
): Value {
  const semantic = residualCodes(
    x,
    weights.under("semantic_residual_vector_quantizer"),
    config,
    config.num_semantic_quantizers,
  );
  const acoustic = residualCodes(
    x,
    weights.under("acoustic_residual_vector_quantizer"),
    config,
    codebooks - config.num_semantic_quantizers,
  );
  return concat(
    [...semantic, ...acoustic].map((codes) => unsqueeze(codes, [2])),
    2,
  );
}

/** Codes [B, T] of each codebook. */
function residualCodes(
  x: Value,
  weights: Weights,
  config: CodecEncoderConfig,
  codebooks: number,
): Value[] {
  const { codebook_size, codebook_dim } = config;
  const projection = weights.derivedMatrix(
    "input_proj",
    [codebook_dim, config.hidden_size],
    (read) => read("input_proj.weight"),
  );
  let rest = linear(x, projection);
  return Array.from({ length: codebooks }, (_, index) => {
    const codebook = weights.under(`layers.${index}.codebook`);
    const table = codebook.derived("centroids", [codebook_size, codebook_dim], (read) =>
      centroidsOf(read("embed_sum"), read("cluster_usage")),
    );
    const halfNorms = codebook.derived("half_norms", [codebook_size], (read) =>
      halfSquares(centroidsOf(read("embed_sum"), read("cluster_usage")), codebook_dim),
    );
    // |x - c|² is least where x · c - |c|² / 2 is largest.
    const codes = argMax(subtract(matmul(rest, transpose(table, [1, 0])), halfNorms), -1);
    rest = subtract(rest, gather(table, codes));
    return codes;
  });
}

/** Half of the sum of squares of each row. */
function halfSquares(table: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: table.length / width }, (_, row) => {
    const vector = table.subarray(row * width, (row + 1) * width);
    return vector.reduce((sum, value) => sum + value * value, 0) / 2;
  });
}
