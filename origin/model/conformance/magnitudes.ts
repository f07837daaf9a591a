/**
 * How large the numbers get that the layers of the decoders compute in float16. One beyond its range is infinite, and
 * all that follows from it is not a number.
 */
import type { Tensor } from "onnxruntime-node";
import { maxFloat16 } from "../float16.ts";
import type { Value } from "../onnx/graph.ts";
import { cast } from "../onnx/ops/arithmetic.ts";
import { operation } from "../onnx/ops/operand.ts";
import { reduceMax } from "../onnx/ops/reduction.ts";
import { concat, reshape } from "../onnx/ops/shape.ts";
import type { Check } from "./check.ts";

/** Scopes of nodes that make a frame. Outside of layers, what may not be said has infinite logits. */
const ofDecoder = /(^|\/)(talker|code\.\d+)\//;
const ofLayer = /\/layer\.\d+\//;

/** The reference speaks few texts; others may go this much further. */
const headroom = 4;

/** Of a value that is computed for every frame, over all frames so far. */
export interface Magnitude {
  name: string;
  type: "float16" | "float32";
  largest: number;
}

export interface Magnitudes {
  readonly all: readonly Magnitude[];
  /** Takes note of a value that the decoders compute in float16, or a layer of theirs in float32. */
  watch(value: Value): void;
  /** The magnitudes of all values so far [1, values], for a graph of one row. */
  measure(): Value;
  /** Takes what was measured, [frames, 1, values]. */
  add(measured: Tensor | undefined): void;
}

export function createMagnitudes(): Magnitudes {
  const values: Value[] = [];
  const all: Magnitude[] = [];
  let isMeasuring = false;

  return {
    all,
    watch(value) {
      const { name, type } = value;
      const isOurs =
        (type === "float16" && ofDecoder.test(name)) || (type === "float32" && ofLayer.test(name));
      if (isMeasuring || !isOurs) return;
      values.push(value);
      all.push({ name, type, largest: 0 });
    },
    measure() {
      isMeasuring = true;
      const largest = values.map((value) => {
        const magnitudes = operation("Abs", [cast(value, "float32")]);
        return reduceMax(reshape(magnitudes, [1, -1]), [1], { keepAxes: true });
      });
      return concat(largest, 1);
    },
    add(measured) {
      if (!(measured?.data instanceof Float32Array)) throw new Error("nothing was measured");
      for (const [index, magnitude] of measured.data.entries()) {
        const of = all[index % all.length];
        if (of) of.largest = Math.max(of.largest, magnitude);
      }
    },
  };
}

/** Passes when everything in float16 is well within its range. */
export function rangeCheck(name: string, magnitudes: readonly Magnitude[]): Check {
  const halves = magnitudes.filter(({ type }) => type === "float16");
  const [first] = halves.sort((a, b) => b.largest - a.largest);
  const largest = first?.largest ?? Number.NaN;
  return {
    name: `${name}: range of float16`,
    status: largest <= maxFloat16 / headroom ? "passed" : "failed",
    measured: `${halves.length} values up to ${largest.toPrecision(3)}, in ${first?.name}`,
    bound: `at most ${maxFloat16 / headroom}`,
  };
}
