/**
 * Teacher forcing: the generate graph with its draws replaced, so that every code is given and what it would have been
 * drawn from comes out. All the rest, the nodes, the loop and the generator that drives it, is what speaks.
 */
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { openCheckpoint } from "../checkpoint/checkpoint.ts";
import type { GenerationConfig } from "../checkpoint/generation-config.ts";
import type { Device } from "../device/device.ts";
import { createGenerator } from "../generate/generator.ts";
import { buildGenerate, type Tap } from "../generate/graph.ts";
import type { Precision } from "../generate/precision.ts";
import { resolveSampling } from "../generate/sampling-options.ts";
import { createDataFile } from "../onnx/data-file.ts";
import type { Value } from "../onnx/graph.ts";
import { createModel } from "../onnx/model.ts";
import { cast } from "../onnx/ops/arithmetic.ts";
import { squeeze } from "../onnx/ops/shape.ts";
import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import { openSession, type Session, type Tensors } from "../session.ts";
import { createMagnitudes, type Magnitude, type Magnitudes } from "./magnitudes.ts";

/** How one code of a frame is chosen. */
export interface Choice {
  /** The decoder's raw logits. */
  logits: Float32Array;
  /** The code that greedy decoding takes, by the rules of the talker where the choice is its. */
  likeliest: number;
}

/** What the two decoders think while they say one given frame. */
export interface Thought {
  /** [H]: the talker's last vector after the final norm. */
  hidden: Float32Array;
  /** Of every codebook; the first is the talker's. */
  choices: readonly [talker: Choice, ...predictor: Choice[]];
}

/** Codes [frames][codebooks]. */
export type Frames = readonly (readonly number[])[];

export interface Probe {
  /** Says these frames after a prompt. The first code of the last may be the end of speech. */
  say(prompt: EmbeddedPrompt, frames: Frames): Promise<Thought[]>;
  /** Of what the layers computed in all that was said, where it is measured; else empty. */
  readonly magnitudes: readonly Magnitude[];
  close(): Promise<void>;
}

export interface ProbeOptions {
  /** A checkpoint in the official layout. */
  checkpoint: string;
  precision: Precision;
  /** Where the graph is written. */
  directory: string;
  /** The CPU by default. */
  device?: Device;
  threads: number;
  /** [H]: the projected text pad. */
  pad: Float32Array;
  /** Measures magnitudes. What is looked at is no longer fused, and rounds differently. */
  measures?: boolean;
}

export async function openProbe(options: ProbeOptions): Promise<Probe> {
  const { precision, directory, device = "cpu", threads, pad, measures = false } = options;
  const path = join(directory, `${measures ? "measuring-" : ""}probe.${precision}.onnx`);
  const magnitudes = measures ? createMagnitudes() : null;
  const generation = writeGraph(path, options.checkpoint, precision, magnitudes);
  const session = await openSession(path, { threads, device });

  return {
    magnitudes: magnitudes?.all ?? [],
    close: () => session.close(),
    async say(prompt, frames) {
      if (frames.length === 0) return [];
      let outputs: Tensors = {};
      const given = givingCodes(session, frames, (made) => {
        outputs = made;
      });
      const generator = createGenerator({ session: given, pad });
      const stream = generator.start(prompt, {
        seed: 0,
        maxFrames: frames.length,
        ...resolveSampling(generation, { temperature: 0 }),
      });
      await generator.step([stream], frames.length);
      magnitudes?.add(outputs.magnitudes);
      const row = (name: string, frame: number) => rowOf(outputs[name], frame, frames.length);
      return frames.map(([, ...others], frame) => {
        const chosen = (codebook: number) => likeliest(row(drawnFrom(codebook), frame));
        const predicted = others.map((_, index) => ({
          logits: row(drawnFrom(index + 1), frame),
          likeliest: chosen(index + 1),
        }));
        return {
          hidden: row("hidden", frame),
          choices: [{ logits: row("logits", frame), likeliest: chosen(0) }, ...predicted],
        };
      });
    },
  };
}

/** The output that shows what a code is drawn from: of the talker's, what its rules leave of the logits. */
const drawnFrom = (codebook: number) => `drawn_from.${codebook}`;

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

function writeGraph(
  path: string,
  folder: string,
  precision: Precision,
  magnitudes: Magnitudes | null,
): GenerationConfig {
  const checkpoint = openCheckpoint(folder);
  const data = createDataFile(path.replace(/\.onnx$/, ".data"));
  try {
    const model = createModel(data, magnitudes ? { onValue: magnitudes.watch } : {});
    buildGenerate(model, checkpoint, precision, createTap(magnitudes));
    model.write(path);
    return checkpoint.generation;
  } finally {
    data.close();
    checkpoint.close();
  }
}

/** The session with codes in the place of uniforms, and without the sampling parameters that it has no inputs for. */
function givingCodes(
  session: Session,
  frames: Frames,
  onOutputs: (outputs: Tensors) => void,
): Session {
  const names = new Set(session.inputs.map(({ name }) => name));
  const codes = Float32Array.from(frames.flat());
  const uniforms = new Tensor("float32", codes, [frames.length, 1, codes.length / frames.length]);
  return {
    ...session,
    async run(feeds) {
      const known = Object.entries(feeds).filter(([name]) => names.has(name));
      const outputs = await session.run({ ...Object.fromEntries(known), uniforms });
      onOutputs(outputs);
      return outputs;
    },
  };
}

function rowOf(tensor: Tensor | undefined, row: number, rows: number): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error("the probe does not show this");
  const [made] = tensor.dims;
  if (made !== rows) throw new Error(`the speech ends after ${made} of ${rows} frames`);
  const size = tensor.data.length / rows;
  return tensor.data.subarray(row * size, (row + 1) * size);
}

/** The first of the largest. */
function likeliest(logits: Float32Array): number {
  return logits.reduce((best, logit, token) => (logit > (logits[best] ?? 0) ? token : best), 0);
}
