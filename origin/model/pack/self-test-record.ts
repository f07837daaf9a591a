import * as z from "zod";

const sentence = z.object({
  language: z.string(),
  /** How often it was spoken: a second time, with another seed, when it did not end at first. */
  attempts: z.int(),
  frames: z.int(),
  finish: z.enum(["stop", "length"]),
  /** Of the samples, of which 1 is full scale. */
  peak: z.number(),
  rms: z.number(),
  /** Samples that are no numbers. */
  non_finite: z.int(),
});

/** What became of a pack when it was first spoken with, as its manifest keeps it. */
export const selfTestRecord = z.object({
  /** Why the pack is not to be served, or null. */
  problem: z.string().nullable(),
  onnxruntime: z.string(),
  processor: z.string(),
  threads: z.int(),
  /** Null when the pack could not be loaded. */
  loading: z.object({ seconds: z.number(), resident_bytes: z.int() }).nullable(),
  sentences: z.array(sentence),
  /** Of one stream, prompts included; null when nothing was spoken. */
  milliseconds_per_frame: z.number().nullable(),
  peak_resident_bytes: z.int().nullable(),
  /**
   * Frames that are silent at the beginning of every take, by speaker; absent in packs built before it was measured, empty for
   * models without speakers of their own.
   */
  leading_silent_frames: z.record(z.string(), z.int()).optional(),
  /** Threads of the parts of the pack with which it spoke the fastest; absent with one thread, and in packs built before. */
  thread_shares: z.object({ generate: z.int().min(1), codec: z.int().min(1) }).optional(),
  /** What the process took after the sentence after which it took most; absent in packs built before it was noted. */
  speaking_resident_bytes: z.int().optional(),
});

export type SelfTestRecord = z.infer<typeof selfTestRecord>;
export type SpokenSentence = z.infer<typeof sentence>;
