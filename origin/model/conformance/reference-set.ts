/**
 * Reads reference data: checkpoints in the official layout, and for cases of text and voice what the official code
 * answers for them, greedy and in float32.
 *
 *     checkpoints/NAME/        as published
 *     cases/NAME/case.json     the case and its answer (`caseSchema`), with prompt.f32 [prompt_length][hidden_size],
 *                              prefill_hidden.f32, prefill_logits.f32 (raw) and wav.f32 [samples]
 *     codec/                   codes.json [frames][codebooks] and wav.f32: the codec alone
 *     tokenizer.json           [{ text, ids }]
 *     audio/                   where there are cases of cloned voices: reference.f32, a recording of 24 kHz, and what the
 *                              encoders make of it, speaker_embedding.f32 and reference_codes.json [frames][codebooks]
 *
 * Files end in .f32 that hold little-endian float32 numbers and nothing else.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import * as z from "zod";
import { toFloat32 } from "../stored-type.ts";

const ids = z.array(z.int().nonnegative());
const frames = z.array(ids.min(1));

const caseSchema = z.object({
  /** A folder of `checkpoints`. */
  checkpoint: z.string(),
  text: z.string(),
  language: z.string(),
  speaker: z.string().nullish(),
  instruct: z.string().nullish(),
  /** Whether all of the text stands before the first frame. */
  non_streaming_mode: z.boolean(),
  /** How the voice was cloned, where it was. */
  clone: z.enum(["xvector", "icl"]).nullish(),
  /** What is said in the recording, where the speech goes on from it ("icl"). */
  ref_text: z.string().nullish(),
  /** N gives at most N - 1 frames. */
  max_new_tokens: z.int().positive(),
  /** The whole chat template around the text. */
  input_ids: ids,
  instruct_ids: ids.nullish(),
  /** Of the whole chat template around `ref_text`. */
  ref_ids: ids.nullish(),
  prompt_length: z.int().positive(),
  hidden_size: z.int().positive(),
  codes: frames,
  stop: z.enum(["eos", "length"]),
  samples: z.int().nonnegative(),
});

const tokenizerSchema = z.array(z.object({ text: z.string(), ids }));

export interface ReferenceCase extends z.infer<typeof caseSchema> {
  name: string;
  prompt: Float32Array;
  prefillHidden: Float32Array;
  prefillLogits: Float32Array;
  wave: Float32Array;
}

export interface ReferenceSet {
  /** Folders of the checkpoints, by name. */
  checkpoints: ReadonlyMap<string, string>;
  cases: readonly ReferenceCase[];
  codec: { codes: number[][]; wave: Float32Array };
  tokenizer: z.infer<typeof tokenizerSchema>;
  /** Null where no case clones. */
  audio: ReferenceAudio | null;
}

export interface ReferenceAudio {
  /** Mono, 24 kHz. */
  recording: Float32Array;
  xVector: Float32Array;
  /** [frames][codebooks] */
  codes: number[][];
}

/** A folder is not in the layout; the message says in one line where not. */
export class LayoutError extends Error {
  override readonly name = "LayoutError";

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`Not in the layout of a reference set: ${path} ${problem}`, options);
  }
}

/** Reads a set whole, but for its checkpoints. Throws LayoutError. */
export function readReferenceSet(directory: string): ReferenceSet {
  const folder = resolve(directory);
  const checkpoints = new Map(
    namesIn(join(folder, "checkpoints")).map((name) => [name, join(folder, "checkpoints", name)]),
  );
  const cases = namesIn(join(folder, "cases")).map((name) => readCase(join(folder, "cases", name)));
  for (const { name, checkpoint } of cases) {
    if (!checkpoints.has(checkpoint)) {
      throw new LayoutError(
        join(folder, "cases", name),
        `is of a checkpoint ${checkpoint} that is not there`,
      );
    }
  }
  return {
    checkpoints,
    cases,
    codec: {
      codes: readJson(join(folder, "codec", "codes.json"), frames),
      wave: readFloats(join(folder, "codec", "wav.f32")),
    },
    tokenizer: readJson(join(folder, "tokenizer.json"), tokenizerSchema),
    audio: cases.some(({ clone }) => clone) ? readAudio(join(folder, "audio")) : null,
  };
}

function readAudio(folder: string): ReferenceAudio {
  return {
    recording: readFloats(join(folder, "reference.f32")),
    xVector: readFloats(join(folder, "speaker_embedding.f32")),
    codes: readJson(join(folder, "reference_codes.json"), frames),
  };
}

function readCase(folder: string): ReferenceCase {
  const fields = readJson(join(folder, "case.json"), caseSchema);
  const { prompt_length, hidden_size, samples } = fields;
  const floats = (file: string, count?: number) => readFloats(join(folder, file), count);
  return {
    ...fields,
    name: basename(folder),
    prompt: floats("prompt.f32", prompt_length * hidden_size),
    prefillHidden: floats("prefill_hidden.f32", hidden_size),
    prefillLogits: floats("prefill_logits.f32"),
    wave: floats("wav.f32", samples),
  };
}

/** The folders in a folder, of which there must be one at least. */
function namesIn(folder: string): string[] {
  const entries = reading(folder, () => readdirSync(folder, { withFileTypes: true }));
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (names.length === 0) throw new LayoutError(folder, "has no folders in it");
  return names.sort();
}

function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema> {
  const json: unknown = reading(path, () => JSON.parse(readFileSync(path, "utf8")));
  const { data, error } = schema.safeParse(json);
  if (!error) return data;
  const [issue] = error.issues;
  throw new LayoutError(path, `has no valid ${issue?.path.join(".") || "list"}: ${issue?.message}`);
}

function readFloats(path: string, count?: number): Float32Array {
  const bytes = Uint8Array.from(reading(path, () => readFileSync(path)));
  const expected = count === undefined ? bytes.length - (bytes.length % 4) : 4 * count;
  if (bytes.length === expected) return toFloat32("F32", bytes);
  throw new LayoutError(path, `has ${bytes.length} bytes instead of ${expected}`);
}

function reading<Content>(path: string, read: () => Content): Content {
  try {
    return read();
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new LayoutError(path, isMissing ? "is missing" : `cannot be read: ${cause}`, { cause });
  }
}
