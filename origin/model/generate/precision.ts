import type { WeightFormat } from "../onnx/linear.ts";

/** How the layers of the two decoders are stored. `int4` spares the code predictor, which int4 hurts most. */
export const precisions = {
  float32: { talker: "float32", predictor: "float32" },
  int8: { talker: "int8", predictor: "int8" },
  int4: { talker: "int4", predictor: "int8" },
  "int4-all": { talker: "int4", predictor: "int4" },
} as const satisfies Record<string, { talker: WeightFormat; predictor: WeightFormat }>;

export type Precision = keyof typeof precisions;
