import { invalidRequest } from "../../shared/api-error.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { countCodePoints, findTextProblem, isBlank, toComposed } from "../../shared/text-rules.ts";
import { guessLanguage } from "../text/detect-language.ts";
import { createGrowingText, type Stretch } from "../text/growing-text.ts";
import { movedBy } from "../text/mapped-text.ts";
import { type ReadOptions, readInput } from "../text/read-input.ts";
import type { SegmentLimits } from "../text/segments.ts";
import type { SpeechPlan } from "./plan.ts";
import {
  codePointsBefore,
  naturalPause,
  type SpokenSegment,
  type SpokenText,
  segmentsOf,
  silentSegment,
} from "./spoken-segments.ts";

/** For engines that take any length: someone waits for the first sound of these, too. */
const usualLimits: SegmentLimits = { first: 120, others: 240 };

/** A text as long as a stretch can be. */
export function longestStretch(engineLimits: SegmentLimits | null): string {
  const { others } = engineLimits ?? usualLimits;
  return "letters ".repeat(Math.ceil(others / "letters ".length));
}

/** Notes are about no segment that was spoken longer ago. */
const mostRecent = 8;

/** A text that is spoken while it is written. */
export interface GrowingSpeech {
  append(text: string): void;
  /** Has what waits for its sentence to end spoken as it is. */
  flush(): void;
  /** Flushes; nothing more will come. */
  end(): void;
  /** Its segments wait for what is still to come, and reject with the signal's reason. To be read once. */
  spokenWith(
    engineLimits: SegmentLimits | null,
    signal: AbortSignal,
    voices?: SpeechPlan["voices"],
  ): SpokenText;
  /** Resolves when there is something to say, or nothing will be. */
  readonly begun: Promise<void>;
  readonly hasEnded: boolean;
  /** Has `begun` resolve; nobody will read the segments. */
  abandon(): void;
  /** Of a text that cannot be spoken: an ApiError (400), which the segments reject with, too. */
  readonly failure: Error | undefined;
  /** Whether nothing but white space has come. */
  readonly isBlank: boolean;
  /** Code points that came in, and those of them that an engine has not been given. */
  readonly characters: number;
  readonly unspoken: number;
  /** When what was last waited for came, by the clock of `performance.now()`; undefined before. */
  readonly resumedAt: number | undefined;
  /** Whether all that is to be said so far has been asked for. */
  readonly isWaiting: boolean;
}

/** Each stretch of the text is read as a whole input is, and goes on where the one before it ended. */
export function createGrowingSpeech(request: SpeechRequest, options: ReadOptions): GrowingSpeech {
  const { defaultLanguage } = options;
  const { language, segmentation } = request;
  const text = createGrowingText({
    language,
    defaultLanguage,
    limits: segmentation === "auto" ? usualLimits : null,
  });
  const stretches: (Stretch & { isLast: boolean })[] = [];
  let lastTold = defaultLanguage;
  let hasEnded = false;
  let hasWords = false;
  let failure: Error | undefined;
  let resumedAt: number | undefined;
  let characters = 0;
  let spoken = 0;
  /** Of the composed input that has been spoken. */
  let units = 0;
  let codePoints = 0;
  const recent: { start: number; input: string; codePoints: number; counts: Uint32Array }[] = [];
  const partAt = (place: number) => recent.findLast(({ start }) => start <= place);
  let wake = () => {};
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });

  function add(more: readonly Stretch[]): void {
    for (const stretch of more) {
      const problem = isBlank(stretch.text)
        ? undefined
        : findTextProblem(stretch.text, { required: true });
      if (problem) failure ??= invalidRequest(problem.code, `text ${problem.rule}`, "text");
      if (!isBlank(stretch.text)) hasWords = true;
      stretches.push({ ...stretch, isLast: hasEnded });
    }
    if (stretches.length > 0 || hasEnded) begin();
    wake();
  }

  async function next(signal: AbortSignal): Promise<(Stretch & { isLast: boolean }) | undefined> {
    for (;;) {
      signal.throwIfAborted();
      if (failure) throw failure;
      const stretch = stretches.shift();
      if (stretch || hasEnded) return stretch;
      await new Promise<void>((resolve) => {
        wake = () => {
          signal.removeEventListener("abort", wake);
          resolve();
        };
        signal.addEventListener("abort", wake);
      });
      resumedAt = performance.now();
    }
  }

  function spokenOf(
    stretch: Stretch,
    limits: SegmentLimits | null,
    before: Stretch | undefined,
    voices: SpeechPlan["voices"],
  ): SpokenSegment[] {
    const input = toComposed(stretch.text);
    const { passages } = readInput(
      { ...request, input },
      { ...options, defaultLanguage: lastTold },
    );
    lastTold = guessLanguage(input) ?? lastTold;
    const segments = segmentsOf({ ...request, passages, voices }, limits).map((segment, index) => {
      const goesOn = index === 0 && before !== undefined && before.border !== "sentence";
      return {
        ...segment,
        text: movedBy(segment.text, units),
        ...(goesOn ? { goesOn, pauseSeconds: segment.pauseSeconds + naturalPause(before) } : {}),
        isLast: false,
      };
    });
    recent.push({ start: units, input, codePoints, counts: codePointsBefore(input) });
    if (recent.length > mostRecent) recent.shift();
    units += input.length;
    codePoints += countCodePoints(input);
    spoken += countCodePoints(stretch.text);
    return segments;
  }

  async function* segments(
    engineLimits: SegmentLimits | null,
    signal: AbortSignal,
    voices: SpeechPlan["voices"],
  ): AsyncGenerator<SpokenSegment, void> {
    let before: Stretch | undefined;
    for (let stretch = await next(signal); stretch; stretch = await next(signal)) {
      // Nobody waits for the beginning of a later stretch.
      const limits =
        engineLimits && before ? { ...engineLimits, first: engineLimits.others } : engineLimits;
      const laid = spokenOf(stretch, limits, before, voices);
      if (laid.length === 0) continue;
      yield* laid;
      before = stretch;
      // At once, so that the end of the sentence does not wait in an encoder for the beginning of the next.
      if (stretch.border === "sentence" && !stretch.isLast)
        yield { ...silentSegment(naturalPause(stretch)), isLast: false };
    }
  }

  return {
    append(more) {
      characters += countCodePoints(more);
      add(text.append(more));
    },
    flush: () => add(text.flush()),
    end() {
      const rest = text.flush();
      hasEnded = true;
      add(rest);
    },
    spokenWith: (engineLimits, signal, voices = new Map()) => ({
      segments: segments(engineLimits, signal, voices),
      mayBeRaised: false,
      input: {
        codePointsBefore(place) {
          const part = partAt(place);
          return part ? part.codePoints + (part.counts[place - part.start] ?? 0) : 0;
        },
        slice(start, end) {
          const part = partAt(start);
          return part ? part.input.slice(start - part.start, end - part.start) : "";
        },
      },
    }),
    begun,
    abandon: () => begin(),
    get failure() {
      return failure;
    },
    get isBlank() {
      return !hasWords;
    },
    get hasEnded() {
      return hasEnded;
    },
    get characters() {
      return characters;
    },
    get unspoken() {
      return characters - spoken;
    },
    get resumedAt() {
      return resumedAt;
    },
    get isWaiting() {
      return stretches.length === 0;
    },
  };
}
