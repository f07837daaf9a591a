import type { VoiceBlend } from "../../shared/voices/blend.ts";
import type { Utterance } from "../engine/engine.ts";
import type { Border } from "../text/balance.ts";
import { isAudible } from "../text/clean.ts";
import { type MappedText, sliceOf, unchanged } from "../text/mapped-text.ts";
import type { Passage } from "../text/passage.ts";
import { cutSegments, oneSegment, type Segment, type SegmentLimits } from "../text/segments.ts";
import type { SpeechPlan } from "./plan.ts";
import type { SpokenBy } from "./resolve-blend.ts";

/** What is to be said and how. Which take of it is for the seeds to say. */
export type Script = Omit<Utterance, "seed" | "retryable">;

/** What is spoken in one go, and what lies between it and the segment before. */
export interface SpokenSegment {
  /** Null where nothing is said any more. */
  script: Script | null;
  /** The script's text, which leads back to the input. */
  text: MappedText;
  /** Who is heard, for whoever is told of it. */
  speaker: string | null;
  /** The silence before it. */
  pauseSeconds: number;
  /** Whether it is the rest of a sentence, to be as loud as that began. */
  goesOn: boolean;
  /** Whether it is part of a dialogue, whose speakers are equally loud. */
  isTurn: boolean;
  /** Of its speed; above 1 is faster. */
  rate: number;
  /** In decibels. */
  gain: number;
  marks: readonly string[];
  isLast: boolean;
}

/** What is said in one speech, whole or as it comes. */
export interface SpokenText {
  segments: Iterable<SpokenSegment> | AsyncIterable<SpokenSegment>;
  /** Whether any of it may be louder than the engine speaks. */
  mayBeRaised: boolean;
  input: SpokenInput;
}

/** The input as far as it has come, by places in UTF-16 units. */
export interface SpokenInput {
  codePointsBefore(place: number): number;
  slice(start: number, end: number): string;
}

/** All that a plan says. */
export function wholeText(
  plan: Pick<
    SpeechPlan,
    "model" | "voices" | "sampling" | "passages" | "segmentation" | "isDialogue" | "input"
  >,
  limits: SegmentLimits | null,
): SpokenText {
  const segments = segmentsOf(plan, limits);
  const codePoints = codePointsBefore(plan.input);
  return {
    segments,
    mayBeRaised: segments.some(({ gain, isTurn }) => gain > 0 || isTurn),
    input: {
      codePointsBefore: (place) => codePoints[place] ?? 0,
      slice: (start, end) => plan.input.slice(start, end),
    },
  };
}

/** How many code points are before each UTF-16 unit of a text, and before its end. */
export function codePointsBefore(text: string): Uint32Array {
  const counts = new Uint32Array(text.length + 1);
  let count = 0;
  let at = 0;
  for (const character of text) {
    counts.fill(count, at, at + character.length);
    at += character.length;
    count++;
  }
  counts[text.length] = count;
  return counts;
}

/** About what a speaker makes where a text goes on, by what stood there. */
const pauseSeconds: Record<Border, number> = {
  sentence: 0.35,
  clause: 0.15,
  word: 0.03,
  inside: 0,
};
const paragraphPauseSeconds = 0.6;

interface Previous {
  passage: Passage;
  segment: Segment;
}

/**
 * The passages of a plan as an engine takes them, whole or cut to its limits. Passages in which there is nothing to hear
 * leave their pauses and marks to what comes after.
 */
export function segmentsOf(
  plan: Pick<SpeechPlan, "model" | "voices" | "sampling" | "passages" | "segmentation"> &
    Partial<Pick<SpeechPlan, "isDialogue">>,
  limits: SegmentLimits | null,
): SpokenSegment[] {
  const { model, voices, sampling } = plan;
  const cut = plan.segmentation === "auto" ? limits : null;
  const spoken: Omit<SpokenSegment, "isLast">[] = [];
  let previous: Previous | undefined;
  let pause: number | null = null;
  let marks: string[] = [];

  for (const passage of plan.passages) {
    if (passage.pauseBefore !== null) pause = (pause ?? 0) + passage.pauseBefore;
    marks.push(...passage.marks);
    const { speaker, blend, language, instructions, rate, gain } = passage;
    const { mix, voice } = spokenBy(blend, voices);
    for (const segment of cutPassage(passage, cut, spoken.length === 0)) {
      const { text, start } = segment;
      const natural = previous ? naturalPause(previous.segment) : 0;
      spoken.push({
        script: { model, text, speaker, mix, voice, language, instructions, sampling },
        text: sliceOf(passage.text, start, start + text.length),
        speaker: speaker ?? blend?.name ?? null,
        pauseSeconds: pause ?? natural,
        isTurn: plan.isDialogue ?? false,
        goesOn: pause === null && previous !== undefined && goesOn(previous, passage),
        rate,
        gain,
        marks,
      });
      previous = { passage, segment };
      pause = null;
      marks = [];
    }
  }
  if (pause !== null || marks.length > 0) spoken.push(silentSegment(pause ?? 0, marks));
  return spoken.map((segment, index) => ({ ...segment, isLast: index === spoken.length - 1 }));
}

function spokenBy(blend: VoiceBlend | null, voices: SpeechPlan["voices"]): SpokenBy {
  if (!blend) return { mix: null, voice: null };
  const found = voices.get(blend.key);
  if (found) return found;
  throw new Error(`the blend ${blend.key} was not resolved`);
}

function cutPassage(
  { text: { text }, language }: Passage,
  limits: SegmentLimits | null,
  isFirst: boolean,
): Segment[] {
  if (!isAudible(text)) return [];
  if (!limits) return [oneSegment(text)];
  // Nobody waits for the beginning of a later passage.
  const first = isFirst ? limits.first : limits.others;
  return cutSegments(text, language, { ...limits, first });
}

/** A pause, and marks behind it, in which nothing is said. */
export function silentSegment(
  pauseSeconds: number,
  marks: readonly string[] = [],
): Omit<SpokenSegment, "isLast"> {
  return {
    script: null,
    text: unchanged(""),
    speaker: null,
    pauseSeconds,
    goesOn: false,
    isTurn: false,
    rate: 1,
    gain: 0,
    marks,
  };
}

/** What a speaker makes after a text of which that follows. */
export function naturalPause({ text, border }: Pick<Segment, "text" | "border">): number {
  const isParagraph = border === "sentence" && /\n\s*\n\s*$/.test(text);
  return isParagraph ? paragraphPauseSeconds : pauseSeconds[border];
}

/** Whether a sentence goes on, in the same manner. */
function goesOn({ passage, segment }: Previous, next: Passage): boolean {
  if (segment.border === "sentence") return false;
  if (passage === next) return true;
  const { speaker, blend, instructions, rate, gain } = passage;
  return (
    speaker === next.speaker &&
    blend?.key === next.blend?.key &&
    instructions === next.instructions &&
    rate === next.rate &&
    gain === next.gain
  );
}
