/**
 * Teacher forcing: the generate graph with its draws replaced, so that every code is given and what it would have been
 * drawn from comes out. All the rest, the nodes, the loop and the generator that drives it, is what speaks.
 */
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import type { Device } from "../device/device.ts";
import { generatorKindOf } from "../generate/generator-kind.ts";
import type { Precision } from "../generate/precision.ts";
import { resolveSampling } from "../generate/sampling-options.ts";
import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import type { Session, Tensors } from "../session.ts";
import { createMagnitudes, type Magnitude } from "./magnitudes.ts";
import { drawnFrom, writeProbeGraph } from "./probe-graph.ts";

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
  const kind = generatorKindOf(device);
  const { generation, talker } = writeProbeGraph(path, { ...options, kind, magnitudes });
  const layers = talker.num_hidden_layers;
  const predictorVocabulary = talker.code_predictor_config.vocab_size;
  const session = await kind.open(path, { device, threads, layers });

  return {
    magnitudes: magnitudes?.all ?? [],
    close: () => session.close(),
    async say(prompt, frames) {
      if (frames.length === 0) return [];
      const shown = new Map<number, Shown>();
      const given = givingCodes(session, frames, (frame, row) => {
        shown.set(frame, row);
        if (row.row === 0) magnitudes?.add(row.outputs.magnitudes);
      });
      const generator = kind.drive({ session: given, pad, predictorVocabulary });
      const stream = generator.start(prompt, {
        seed: 0,
        maxFrames: frames.length,
        ...resolveSampling(generation, { temperature: 0 }),
      });
      await generator.step([stream], frames.length);
      generator.release(stream);
      return frames.map(([, ...others], frame) => {
        const row = (name: string) => rowOf(shown, name, frame);
        const chosen = (codebook: number) => likeliest(row(drawnFrom(codebook)));
        const predicted = others.map((_, index) => ({
          logits: row(drawnFrom(index + 1)),
          likeliest: chosen(index + 1),
        }));
        return {
          hidden: row("hidden"),
          choices: [{ logits: row("logits"), likeliest: chosen(0) }, ...predicted],
        };
      });
    },
  };
}

/** What a call showed of a frame: a row of each of its outputs. */
interface Shown {
  outputs: Tensors;
  row: number;
  rows: number;
}

/** The session with codes in the place of uniforms, and without the sampling parameters that it has no inputs for. */
function givingCodes(
  session: Session,
  frames: Frames,
  onFrame: (frame: number, shown: Shown) => void,
): Session {
  const names = new Set(session.inputs.map(({ name }) => name));
  return {
    ...session,
    async run(feeds) {
      const [first = 0] = Array.from((feeds.frame?.data ?? []) as BigInt64Array, Number);
      const count = feeds.uniforms?.dims[0] ?? 0;
      const codes = frames.slice(first, first + count);
      const uniforms = new Tensor("float32", Float32Array.from(codes.flat()), [
        count,
        1,
        codes[0]?.length ?? 0,
      ]);
      const known = Object.entries(feeds).filter(([name]) => names.has(name));
      const outputs = await session.run({ ...Object.fromEntries(known), uniforms });
      const rows = outputs.hidden?.dims[0] ?? 0;
      for (let row = 0; row < rows; row++) onFrame(first + row, { outputs, row, rows });
      return outputs;
    },
  };
}

function rowOf(shown: ReadonlyMap<number, Shown>, name: string, frame: number): Float32Array {
  const of = shown.get(frame);
  if (!of) throw new Error(`the speech ends after ${shown.size} frames`);
  const data = of.outputs[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error("the probe does not show this");
  const size = data.length / of.rows;
  return data.subarray(of.row * size, (of.row + 1) * size);
}

/** The first of the largest. */
function likeliest(logits: Float32Array): number {
  return logits.reduce((best, logit, token) => (logit > (logits[best] ?? 0) ? token : best), 0);
}
