import type { Device } from "../device/device.ts";
import type { Model } from "../onnx/graph.ts";
import { openSession, type Session } from "../session.ts";
import type { GenerateSource, Tap } from "./declare-frame.ts";
import { createFrameGenerator } from "./frame-generator.ts";
import { buildFrame, cacheNames } from "./frame-graph.ts";
import type { Generator, GeneratorOptions } from "./generator.ts";
import { createLoopGenerator } from "./loop-generator.ts";
import { buildLoop } from "./loop-graph.ts";
import type { Precision } from "./precision.ts";

/** A graph that makes frames and what drives it. */
export interface GeneratorKind {
  name: "loop" | "frame";
  build(model: Model, source: GenerateSource, precision: Precision, tap?: Tap): void;
  open(
    path: string,
    options: { device: Device; threads: number; layers: number },
  ): Promise<Session>;
  drive(options: GeneratorOptions): Generator;
}

const loop: GeneratorKind = {
  name: "loop",
  build: buildLoop,
  open: (path, { device, threads }) => openSession(path, { device, threads, shapesVary: true }),
  drive: createLoopGenerator,
};

const frame: GeneratorKind = {
  name: "frame",
  build: buildFrame,
  open(path, { device, threads, layers }) {
    const keptOutputs = cacheNames(layers).map(({ output }) => output);
    return openSession(path, { device, threads, shapesVary: true, keptOutputs });
  },
  drive: createFrameGenerator,
};

/** Every pack has the graphs of both kinds. */
export const generatorKinds = [loop, frame];

/** Many frames in a call of a loop, or one in a call where ONNX Runtime has no loops on the device. */
export function generatorKindOf(device: Device): GeneratorKind {
  return device === "webgpu" ? frame : loop;
}
