import type { Device } from "../device/device.ts";
import type { WeightFormat } from "../onnx/linear.ts";

/**
 * How the layers of the two decoders are stored. `int4` spares the code predictor, which int4 hurts most; `float16` is
 * for GPUs.
 */
export const precisions = {
  float32: { talker: "float32", predictor: "float32" },
  float16: { talker: "float16", predictor: "float16" },
  int8: { talker: "int8", predictor: "int8" },
  int4: { talker: "int4", predictor: "int8" },
  "int4-all": { talker: "int4", predictor: "int4" },
} as const satisfies Record<string, { talker: WeightFormat; predictor: WeightFormat }>;

export type Precision = keyof typeof precisions;

/** What a pack is built in for a device unless said otherwise. */
export function defaultPrecision(device: Device): Precision {
  return device === "cpu" ? "int8" : "float16";
}

/** Whether a device computes fast in a precision. In the others it is right, but slower than it could be. */
export function suits(precision: Precision, device: Device): boolean {
  return (precision === "float16") === (device !== "cpu");
}
