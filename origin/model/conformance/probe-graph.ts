import { openCheckpoint } from "../checkpoint/checkpoint.ts";
import type { GenerationConfig } from "../checkpoint/generation-config.ts";
import type { TalkerConfig } from "../checkpoint/model-config.ts";
import type { Tap } from "../generate/declare-frame.ts";
import type { GeneratorKind } from "../generate/generator-kind.ts";
import type { Precision } from "../generate/precision.ts";
import { createDataFile } from "../onnx/data-file.ts";
import type { Value } from "../onnx/graph.ts";
import { createModel } from "../onnx/model.ts";
import { cast } from "../onnx/ops/arithmetic.ts";
import { squeeze } from "../onnx/ops/shape.ts";
import type { Magnitudes } from "./magnitudes.ts";

/** The output that shows what a code is drawn from: of the talker's, what its rules leave of the logits. */
export const drawnFrom = (codebook: number) => `drawn_from.${codebook}`;

/** Samplers that take the number they are given to draw with for the code itself. */
function createTap(magnitudes: Magnitudes | null): Tap {
  const drawn: Value[] = [];
  return {
    sampler: () => (logits, code) => {
      drawn.push(logits);
      return cast(code, "int64");
    },
    shown: ({ hidden, logits }) => ({
      hidden: squeeze(hidden, [1]),
      logits,
      ...(magnitudes ? { magnitudes: magnitudes.measure() } : {}),
      ...Object.fromEntries(drawn.map((value, codebook) => [drawnFrom(codebook), value])),
    }),
  };
}

interface ProbeGraphOptions {
  /** A checkpoint in the official layout. */
  checkpoint: string;
  precision: Precision;
  kind: GeneratorKind;
  magnitudes: Magnitudes | null;
}

/** Writes the graph of a probe, which says the codes it is given in the place of uniforms. */
export function writeProbeGraph(
  path: string,
  { checkpoint: folder, precision, kind, magnitudes }: ProbeGraphOptions,
): { generation: GenerationConfig; talker: TalkerConfig } {
  const checkpoint = openCheckpoint(folder);
  const data = createDataFile(path.replace(/\.onnx$/, ".data"));
  try {
    const model = createModel(data, magnitudes ? { onValue: magnitudes.watch } : {});
    kind.build(model, checkpoint, precision, createTap(magnitudes));
    model.write(path);
    return { generation: checkpoint.generation, talker: checkpoint.config.talker_config };
  } finally {
    data.close();
    checkpoint.close();
  }
}
