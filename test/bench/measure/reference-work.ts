// A fixed piece of work like that of a quantised decoder. Machines differ, and one machine differs from minute to minute
// with what else it does; how many times this work something takes hardly does.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { createDataFile } from "../../../origin/model/onnx/data-file.ts";
import { createModel } from "../../../origin/model/onnx/model.ts";
import { operation } from "../../../origin/model/onnx/ops/operand.ts";
import { quantizeMatrix } from "../../../origin/model/quantize.ts";
import { openSession } from "../../../origin/model/session.ts";
import { createUniform } from "../checkpoint/uniform.ts";

const width = 1024;
/** 64 matrices of a million int8 weights. */
const layers = 64;
/** Its own, so that the work stays the same whatever blocks packs are quantised in. */
const blockSize = 128;
const runs = 15;

export interface ReferenceWork {
  /** Milliseconds it takes at present: the median of some runs. */
  measure(): Promise<number>;
  close(): Promise<void>;
}

export async function openReferenceWork(threads: number): Promise<ReferenceWork> {
  const folder = mkdtempSync(join(tmpdir(), "reference-work-"));
  const path = join(folder, "chain.onnx");
  const data = createDataFile(join(folder, "chain.data"));
  const model = createModel(data);
  let x = model.input("x", "float32", [1, width]);
  for (let layer = 0; layer < layers; layer++) {
    const uniform = createUniform(`layer ${layer}`);
    const matrix = Float32Array.from({ length: width * width }, () => uniform() / 16);
    const { packed, scales, blocksPerRow } = quantizeMatrix(matrix, width, 8, blockSize);
    const packedShape = [width, blocksPerRow, blockSize];
    const weight = model.initializer(`layer.${layer}`, "uint8", packedShape, () => packed);
    const scale = model.initializer(
      `layer.${layer}.scales`,
      "float32",
      [scales.length],
      () => scales,
    );
    x = operation("MatMulNBits", [x, weight, scale], {
      domain: "com.microsoft",
      attributes: { K: width, N: width, bits: 8, block_size: blockSize, accuracy_level: 4 },
    });
  }
  model.output("y", x, [1, width]);
  model.write(path);
  data.close();
  const session = await openSession(path, { threads });
  rmSync(folder, { recursive: true });

  const inputs = { x: new Tensor("float32", new Float32Array(width).fill(1), [1, width]) };
  return {
    async measure() {
      const times: number[] = [];
      for (let run = 0; run < runs; run++) {
        const start = performance.now();
        await session.run(inputs);
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
    },
    close: () => session.close(),
  };
}
