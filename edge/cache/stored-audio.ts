import * as z from "zod";
import { concatenate } from "../../shared/byte-stream.ts";
import { completeHeader, maxHeaderBytes } from "../../shared/complete-header.ts";
import { type AudioFormat, formatNames } from "../../shared/formats.ts";
import { endSchema, type SpeechEnd } from "../../shared/frames/frame.ts";
import { toHex } from "../../shared/identity.ts";
import { type ModelId, nativeModelIds } from "../../shared/models.ts";
import { speechEventsSchema } from "../../shared/speech-events.ts";
import { createBodyDigest } from "../digest.ts";

/**
 * What is known of a stored file: what the end frame said of it, with the bytes and digest of the file as it is stored.
 * KV holds at most 1024 bytes of it.
 */
export const audioFactsSchema = endSchema.extend({
  model: z.enum(nativeModelIds),
  format: z.enum(formatNames),
  /** The request's fields that the engine had no use for. */
  ignored_fields: z.array(z.string()),
  /** Of SSML, what was spoken through, as its header says it. */
  ignored_elements: z.string().optional(),
  /** Unix seconds. */
  stored_at: z.int(),
});

export type AudioFacts = z.infer<typeof audioFactsSchema>;

/** A stored file as it is read: a small one proven and whole, a large one as a stream that may be damaged. */
export interface StoredAudio {
  facts: AudioFacts;
  body: Uint8Array | ReadableStream<Uint8Array>;
  /** Where they were asked for and are kept. */
  events?: KeptEvents | undefined;
}

/** What happens in a file, as it is kept beside it. */
export const keptEventsSchema = z.object({
  /** Of the file. */
  sha256: z.string(),
  level: z.enum(["segment", "word"]),
  events: speechEventsSchema,
});

export type KeptEvents = z.infer<typeof keptEventsSchema>;

/** Whether so much is told there as a request asks for. */
export function tellsEnough(
  level: KeptEvents["level"] | null | undefined,
  wanted: KeptEvents["level"] | null,
): boolean {
  return wanted === null || level === "word" || level === wanted;
}

/** A whole file in memory, in the pieces it came in. */
export interface AudioFile {
  facts: AudioFacts;
  parts: readonly Uint8Array<ArrayBuffer>[];
  events?: KeptEvents | undefined;
}

/** What a file must be for who asks for it by its id alone: as its URL says, and of a model that they may use. */
export interface WantedFile {
  format: AudioFormat;
  models: readonly ModelId[];
}

export function isWanted(
  { format, model }: { format: AudioFormat; model: ModelId },
  wanted: WantedFile,
): boolean {
  return format === wanted.format && wanted.models.includes(model);
}

/** Makes one file of an answer's audio, with its length in its header: what is stored under its digest. */
export async function assembleFile(
  audio: readonly Uint8Array<ArrayBuffer>[],
  end: SpeechEnd,
  about: Pick<AudioFacts, "model" | "format" | "ignored_fields" | "ignored_elements">,
): Promise<AudioFile> {
  const stored_at = Math.floor(Date.now() / 1000);
  const facts = { ...end, ...about, stored_at };
  const [first = new Uint8Array(), ...others] = withWholeHead(audio);
  // Others still hear the head as it was.
  const head = first.slice();
  if (!completeHeader(head, about.format, end)) return { parts: audio, facts };
  const parts = [head, ...others];
  return { parts, facts: { ...facts, sha256: await digestOf(parts) } };
}

/** The same bytes, with as many as a header has in the first part. */
function withWholeHead(
  parts: readonly Uint8Array<ArrayBuffer>[],
): readonly Uint8Array<ArrayBuffer>[] {
  let count = 0;
  let found = 0;
  while (found < maxHeaderBytes && count < parts.length) found += parts[count++]?.byteLength ?? 0;
  if (count <= 1) return parts;
  return [concatenate(parts.slice(0, count)), ...parts.slice(count)];
}

async function digestOf(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  const digest = createBodyDigest();
  for (const part of parts) await digest.update(part);
  return digest.hex();
}

export async function sha256Of(bytes: BufferSource): Promise<string> {
  return toHex(await crypto.subtle.digest("SHA-256", bytes));
}

/** Says that a stored file will not be read after all. */
export async function letGo({ body }: StoredAudio): Promise<void> {
  if (body instanceof ReadableStream) await body.cancel();
}

export function ageSeconds({ stored_at }: AudioFacts): number {
  return Math.max(0, Math.floor(Date.now() / 1000) - stored_at);
}
