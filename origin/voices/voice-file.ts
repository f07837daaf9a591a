// A kept voice, as it travels and lies on disk: JSON, with numbers as base64 of little-endian bytes. Some 5 kB for each
// model that encoded it, and 0.5 kB for each second of its reference.
import { createHash } from "node:crypto";
import * as z from "zod";
import { type ModelId, nativeModelIds } from "../../shared/models.ts";
import { maxTextCodePoints } from "../../shared/text-rules.ts";
import type { VoiceReference } from "./voice-prompt.ts";

/** What is known of a voice. */
export interface VoiceContent {
  /** Of each model that encoded it: what its speaker encoder heard, and which encoder that was. */
  encodings: ReadonlyMap<ModelId, { xVector: Float32Array; encoder: string }>;
  /** Null where nothing but the x-vector is known. */
  reference: VoiceReference | null;
}

/** The bytes are no voice. */
export class VoiceFileError extends Error {
  override readonly name = "VoiceFileError";
}

/** Two minutes: twice the longest recording that is taken. */
const maxReferenceFrames = 1500;

const encodingSchema = z.object({
  model: z.enum(nativeModelIds as [ModelId, ...ModelId[]]),
  encoder: z.string().min(1).max(128),
  x_vector: z.base64(),
});

const fileSchema = z.object({
  format: z.literal(1),
  encodings: z.array(encodingSchema).min(1).max(nativeModelIds.length),
  reference: z
    .object({
      text: z.string().max(2 * maxTextCodePoints),
      frames: z.int().min(1).max(maxReferenceFrames),
      codes: z.base64(),
    })
    .nullable(),
});

/** Equal voices have equal bytes. */
export function writeVoiceFile({ encodings, reference }: VoiceContent): Uint8Array<ArrayBuffer> {
  const file: z.infer<typeof fileSchema> = {
    format: 1,
    encodings: [...encodings]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([model, { xVector, encoder }]) => ({ model, encoder, x_vector: toBase64(xVector) })),
    reference: reference && {
      text: reference.text,
      frames: reference.frames,
      codes: toBase64(reference.codes),
    },
  };
  return new TextEncoder().encode(JSON.stringify(file));
}

/** Throws VoiceFileError. */
export function readVoiceFile(bytes: Uint8Array): VoiceContent {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new VoiceFileError("a voice's file is JSON in UTF-8", { cause });
  }
  const { data, error } = fileSchema.safeParse(json);
  if (error) throw new VoiceFileError(`a voice's file is damaged: ${error.issues[0]?.message}`);
  const encodings = data.encodings.map(({ model, encoder, x_vector }) => {
    const xVector = new Float32Array(fromBase64(x_vector, 4));
    if (xVector.length === 0 || !xVector.every(Number.isFinite)) {
      throw new VoiceFileError(`the x-vector of ${model} is no vector of finite numbers`);
    }
    return [model, { xVector, encoder }] as const;
  });
  return {
    encodings: new Map(encodings),
    reference: data.reference && readReference(data.reference),
  };
}

function readReference({ codes, ...rest }: { codes: string; frames: number; text: string }) {
  const read = new Uint16Array(fromBase64(codes, 2));
  if (read.length > 0 && read.length % rest.frames === 0) return { ...rest, codes: read };
  throw new VoiceFileError(`${read.length} codes are no ${rest.frames} frames`);
}

/** Names a voice's file: SHA-256 in hexadecimal. */
export function digestOfVoiceFile(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Every platform that this runs on is little-endian. */
function toBase64({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("base64");
}

/** A buffer of its own, aligned to numbers of that size. */
function fromBase64(text: string, size: number): ArrayBuffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length % size !== 0) throw new VoiceFileError(`${bytes.length} bytes are cut short`);
  return Uint8Array.from(bytes).buffer;
}
