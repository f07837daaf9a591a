import * as z from "zod";

const seconds = z.number().nonnegative();
/** In Unicode code points of `input`, composed (NFC). */
const place = z.int().nonnegative();

/** What happens in a speech, beside its sound. Times are seconds of the file. */
export const speechEventSchema = z.discriminatedUnion("type", [
  /** A place that SSML names. */
  z.object({ type: z.literal("speech.mark"), name: z.string(), time: seconds }),
  z.object({
    type: z.literal("speech.word"),
    /** As it is spoken. */
    word: z.string(),
    start: seconds,
    end: seconds,
    char_start: place,
    char_end: place,
  }),
  /** How far it has come; the fraction is an estimate, and left out where the text is still to come. */
  z.object({
    type: z.literal("speech.progress"),
    /** Of the file so far. */
    seconds,
    fraction: z.number().min(0).max(1).optional(),
  }),
  /** What was spoken in one go: a passage, or a part of a longer one. */
  z.object({
    type: z.literal("speech.segment"),
    text: z.string(),
    /** A preset's, or the id of a kept voice, or a blend; null where the instructions are the voice. */
    speaker: z.string().nullable(),
    start: seconds,
    end: seconds,
    char_start: place,
    char_end: place,
  }),
]);

export type SpeechEvent = z.infer<typeof speechEventSchema>;

/** All that happens in a speech, in the order of its ends. */
export const speechEventsSchema = z.array(speechEventSchema);

/** The same by kinds, as an answer in one document has them. */
export const timestampsSchema = z.object({
  words: z
    .array(
      z.object({
        word: z.string(),
        start: seconds,
        end: seconds,
        char_start: place,
        char_end: place,
      }),
    )
    .optional(),
  segments: z.array(
    z.object({
      text: z.string(),
      speaker: z.string().nullable(),
      start: seconds,
      end: seconds,
      char_start: place,
      char_end: place,
    }),
  ),
  marks: z.array(z.object({ name: z.string(), time: seconds })),
});

export type Timestamps = z.infer<typeof timestampsSchema>;
