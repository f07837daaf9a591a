import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { onTestFinished } from "vitest";
import { createDataFile } from "../../../origin/model/onnx/data-file.ts";
import type { Model } from "../../../origin/model/onnx/graph.ts";
import { createModel } from "../../../origin/model/onnx/model.ts";
import { openSession, type Tensors } from "../../../origin/model/session.ts";

/** An empty folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "model-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Writes a model and loads it into ONNX Runtime. */
export async function load(build: (model: Model) => void) {
  const folder = temporaryFolder();
  const path = join(folder, "test.onnx");
  const dataFile = createDataFile(join(folder, "test.data"));
  const model = createModel(dataFile);
  build(model);
  model.write(path);
  dataFile.close();
  const session = await openSession(path, { threads: 1 });
  onTestFinished(() => session.close());
  return session;
}

/** Runs a model once and returns the elements of its outputs as plain numbers. */
export async function evaluate(
  build: (model: Model) => void,
  inputs: Tensors,
): Promise<Record<string, number[]>> {
  const session = await load(build);
  const outputs = await session.run(inputs);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, numbers(tensor)]),
  );
}

export function numbers(tensor: Tensor | undefined): number[] {
  if (!tensor) throw new Error("there is no such output");
  return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

export function floats(values: ArrayLike<number>, shape: readonly number[]): Tensor {
  return new Tensor("float32", Float32Array.from(values), shape);
}

export function longs(values: readonly number[], shape: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(values, BigInt), shape);
}
