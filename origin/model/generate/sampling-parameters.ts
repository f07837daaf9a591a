/**
 * How each row of a batch draws, as inputs of the graph. What can be known before a call is computed before it: a value
 * that the graph works out on a GPU and then needs on the host, as the number of tokens to sort is, holds the GPU up.
 */
import { Tensor } from "onnxruntime-node";
import type { Model, Value } from "../onnx/graph.ts";
import type { Tensors } from "../session.ts";

/** How a row is to draw the tokens of one of the two decoders. */
export interface DecoderSampling {
  /** Above 0. */
  temperature: number;
  /** 0 keeps every token. */
  topK: number;
  /** From 0 to 1; 1 keeps every token, 0 the likeliest. */
  topP: number;
  /** Take the likeliest token and never draw. */
  greedy: boolean;
}

/** The same of all rows, in the graph. */
export interface SamplingParameters {
  /** float32 [B, 1], above 0. */
  temperature: Value;
  /** int64 [B, 1]: the rank of the last token within each row's top k; 0 is the likeliest. */
  lastRank: Value;
  /** float32 [B, 1], above 0: tokens are kept until those before them have so much of the probability. */
  mass: Value;
  /** A bool scalar: whether that drops any token of any row. */
  limitsMass: Value;
  /** int64 [1]: how many of the likeliest are put in order, enough for every row. */
  sorted: Value;
}

/** More than the probabilities of all tokens come to, however they are rounded. */
const wholeMass = 2;
/** Keeps only the likeliest token, as 0 is to do, and is above 0 in float32. */
const leastMass = 1e-30;

/** Declares the parameters as inputs of the model whose names begin with `prefix`. */
export function samplingInputs(model: Model, prefix: string): SamplingParameters {
  return {
    temperature: model.input(`${prefix}.temperature`, "float32", ["B", 1]),
    lastRank: model.input(`${prefix}.lastRank`, "int64", ["B", 1]),
    mass: model.input(`${prefix}.mass`, "float32", ["B", 1]),
    limitsMass: model.input(`${prefix}.limitsMass`, "bool", []),
    sorted: model.input(`${prefix}.sorted`, "int64", [1]),
  };
}

/** The inputs of `samplingInputs` for rows that draw from a vocabulary of this size. */
export function samplingTensors(
  prefix: string,
  rows: readonly DecoderSampling[],
  vocabulary: number,
): Tensors {
  const drawn = rows.map(asDrawn);
  const counts = drawn.map(({ topK }) => Math.min(topK || vocabulary, vocabulary));
  const limitsMass = drawn.some(({ topP }) => topP < 1);
  const floats = (values: number[]) =>
    new Tensor("float32", Float32Array.from(values), [rows.length, 1]);
  const longs = (values: number[], shape: number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), shape);
  return {
    [`${prefix}.temperature`]: floats(drawn.map(({ temperature }) => temperature)),
    [`${prefix}.lastRank`]: longs(
      counts.map((count) => count - 1),
      [rows.length, 1],
    ),
    [`${prefix}.mass`]: floats(
      drawn.map(({ topP }) => (topP < 1 ? Math.max(topP, leastMass) : wholeMass)),
    ),
    [`${prefix}.limitsMass`]: new Tensor("bool", Uint8Array.of(Number(limitsMass)), []),
    // A running mass starts at the top and its rows may keep more than k by ties, so it needs the whole order.
    [`${prefix}.sorted`]: longs([limitsMass ? vocabulary : Math.max(...counts)], [1]),
  };
}

/** The uniform that a row draws with. */
export function uniformFor({ greedy }: DecoderSampling, uniform: number): number {
  return greedy ? 0 : uniform;
}

/** The likeliest token, and the first among equals, is what the uniform 0 draws from the top 1. */
function asDrawn(sampling: DecoderSampling): DecoderSampling {
  return sampling.greedy ? { ...sampling, temperature: 1, topK: 1, topP: 1 } : sampling;
}
