/**
 * Checkpoints with random weights in the official layout, and what the official PyTorch code answers for them in
 * float32. `pico` is part of the tree. `nano` carries the publisher's vocabulary, so it is not, and tests of it skip
 * where it is absent.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));
const reference = fileURLToPath(new URL("../../../shared/reference/", import.meta.url));

/** Where the reference data outside the tree lies, or undefined when it is not on this machine. */
export const referenceDirectory = existsSync(reference) ? reference : undefined;

export interface GoldenCase {
  name: string;
  /** The checkpoint's directory. */
  checkpoint: string;
  text: string;
  language: string;
  speaker?: string;
  instruct?: string;
  non_streaming_mode: boolean;
  clone?: "xvector" | "icl";
  /** What is said in the recording, with "icl". */
  ref_text?: string;
  /** N stops after at most N - 1 frames. */
  max_new_tokens: number;
  input_ids: number[];
  instruct_ids: number[] | null;
  prompt_length: number;
  hidden_size: number;
  /** [frames][16], greedy in both models. */
  codes: number[][];
  stop: "eos" | "length";
  /** One of the case's raw little-endian float32 files, such as "prompt.f32". */
  floats(file: string): Float32Array;
}

export interface GoldenSet {
  name: string;
  directory: string;
  present: boolean;
}

function goldenSet(name: string, parent: string): GoldenSet {
  const directory = `${parent}${name}`;
  return { name, directory, present: existsSync(directory) };
}

export const pico = goldenSet("pico", fixtures);
export const nano = goldenSet("nano", reference);

/** The cases of a set that need no cloned voice. Empty when the set is absent. */
export function presetVoiceCases(set: GoldenSet): GoldenCase[] {
  return casesOf(set).filter(({ clone }) => clone === undefined);
}

/** The cases of a set in the voice of its recording. Empty when the set is absent. */
export function clonedVoiceCases(set: GoldenSet): GoldenCase[] {
  return casesOf(set).filter(({ clone }) => clone !== undefined);
}

/** The recording of a set, and what the official encoders make of it. */
export function clonedVoice({ directory }: GoldenSet) {
  const floats = (name: string) => readFloats(`${directory}/audio/${name}.f32`);
  const codes: number[][] = JSON.parse(
    readFileSync(`${directory}/audio/reference_codes.json`, "utf8"),
  );
  return {
    recording: floats("reference"),
    xVector: floats("speaker_embedding"),
    codes: Uint16Array.from(codes.flat()),
    frames: codes.length,
  };
}

function casesOf(set: GoldenSet): GoldenCase[] {
  if (!set.present) return [];
  return readdirSync(`${set.directory}/cases`)
    .sort()
    .map((name) => readCase(set, name));
}

function readCase(set: GoldenSet, name: string): GoldenCase {
  const directory = `${set.directory}/cases/${name}`;
  const fields = JSON.parse(readFileSync(`${directory}/case.json`, "utf8"));
  return {
    ...fields,
    name,
    checkpoint: `${set.directory}/checkpoints/${fields.checkpoint}`,
    floats: (file) => readFloats(`${directory}/${file}`),
  };
}

function readFloats(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
