import * as z from "zod";
import { errorEnvelopeSchema } from "../api-error.ts";
import { nativeModelIds } from "../models.ts";
import type { SpeechEvent } from "../speech-events.ts";

/**
 * The stream between edge and origin. Each frame is `u8 type | u32be length | payload`. The end frame carries what is
 * known only when the last sample is: a body without one that matches its bytes is a failure, however politely the
 * connection closed.
 */
export const framesMediaType = "application/vnd.tts-frames";

export const frameType = { audio: 1, event: 2, end: 3, error: 4 } as const;

export const frameHeaderBytes = 5;

/** Largest payload either side sends or takes. */
export const maxPayloadBytes = 1024 * 1024;

export const endSchema = z.object({
  /** `length` when the engine hit its ceiling before the text ended. */
  finish: z.enum(["stop", "length"]),
  /** PCM samples in the encoded file, at `sample_rate` Hz. */
  samples: z.int().nonnegative(),
  sample_rate: z.int().positive(),
  /** Codec frames of 80 ms the engine generated, before any change of speed. */
  frames: z.int().nonnegative(),
  input_tokens: z.int().nonnegative(),
  seed: z.int().nonnegative(),
  revision: z.string(),
  /** Unix seconds. */
  released_at: z.int(),
  /** See `modelRevisionSchema`. */
  variant: z.string().optional(),
  engine: z.string(),
  /** What spoke: the model that was asked for, or another of its kind in its place. Older origins do not say. */
  model: z.enum(nativeModelIds).optional(),
  /** Of all audio payloads together. */
  bytes: z.int().nonnegative(),
  /** Hex digest of all audio payloads together. */
  sha256: z.string().length(64),
});

export type SpeechEnd = z.infer<typeof endSchema>;

/** An error frame: the envelope, and the status that it would have been the body of. */
export const errorFrameSchema = errorEnvelopeSchema.extend({
  status: z.int().min(400).max(599).default(500),
});

/** One part of a speech answer. A failure is not a part: whoever reads the sequence gets it thrown. */
export type SpeechFrame =
  | { kind: "audio"; bytes: Uint8Array<ArrayBuffer> }
  /** Only where the request asked for any. */
  | { kind: "event"; event: SpeechEvent }
  | { kind: "end"; end: SpeechEnd };
