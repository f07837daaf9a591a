import { createMatchLevel } from "../audio/match-level.ts";
import { createSeam } from "../audio/seam.ts";
import { createTrimSilence } from "../audio/trim-silence.ts";
import type { Engine, UtteranceEnd } from "../engine/engine.ts";
import type { FinishReason } from "../model/generate/stream-state.ts";
import type { Border } from "../text/balance.ts";
import { cutSegments, type Segment } from "../text/segments.ts";
import type { SpeechPlan } from "./plan.ts";
import type { SegmentSeeds } from "./segment-seeds.ts";

/** How much of a segment is spoken before the next one is begun, so that it is there when this one ends. */
const leadSeconds = 2;

/** About what a speaker makes where a text goes on, by what stood there. */
const pauseSeconds: Record<Border, number> = {
  sentence: 0.35,
  clause: 0.15,
  word: 0.03,
  inside: 0,
};
const paragraphPauseSeconds = 0.6;

/** How a text ended: what could be spoken again has been. */
export interface SpokenEnd extends UtteranceEnd {
  finish: FinishReason;
}

type Audio = AsyncGenerator<Float32Array, SpokenEnd>;

interface Begun {
  audio: Audio;
  first: ReturnType<Audio["next"]>;
}

/**
 * Speaks a text of any length with an engine that takes only so much at once: in segments of the same voice, each begun
 * while the one before it is spoken. An engine ends each as it would end a text, so where two meet its silence gives way
 * to the pause that belongs there, and within a sentence the next takes on its level. Yields as `Engine.synthesize` does.
 * Stops by the signal alone.
 */
export async function* speakSegments(
  engine: Engine,
  plan: Pick<SpeechPlan, "script" | "segmentation">,
  segmentSeeds: SegmentSeeds,
  signal: AbortSignal,
): Audio {
  const { script, segmentation } = plan;
  const { segmentLimits: limits, sampleRate } = engine;
  const isCut = limits !== null && segmentation === "auto";
  const whole: Segment = { text: script.text, border: "sentence" };
  const segments = isCut ? cutSegments(script.text, script.language, limits) : [whole];
  const end: SpokenEnd = { finish: "stop", inputTokens: 0, instructionTokens: 0 };

  async function* speakSegment(index: number, text: string): Audio {
    for await (const { seed, isLast } of segmentSeeds.seedsOf(index)) {
      const utterance = { ...script, text, seed, retryable: !isLast };
      const { finish, ...tokens } = yield* engine.synthesize(utterance, signal);
      if (finish !== "degenerate") return { finish, ...tokens };
    }
    throw new Error("the engine gave up a take that was not retryable");
  }

  function begin(index: number): Begun | undefined {
    const segment = segments[index];
    if (!segment) return undefined;
    const audio = speakSegment(index, segment.text);
    const first = audio.next();
    // Whoever comes to this segment is told; nobody may.
    first.catch(() => {});
    return { audio, first };
  }

  let upcoming = begin(0);
  let level: number | null = null;
  for (let index = 0; upcoming; index++) {
    const { audio, first } = upcoming;
    const isLast = index === segments.length - 1;
    const trim = createTrimSilence(sampleRate, { before: index > 0, after: !isLast });
    const seam = createSeam(sampleRate, index > 0);
    const isInSentence = index > 0 && segments[index - 1]?.border !== "sentence";
    const match = createMatchLevel(sampleRate, isInSentence ? level : null);
    let samples = 0;
    let begun = false;
    let chunk = await first;
    for (; !chunk.done; chunk = await audio.next()) {
      samples += chunk.value.length;
      yield match.push(seam.push(trim.push(chunk.value)));
      if (begun || samples < leadSeconds * sampleRate) continue;
      upcoming = begin(index + 1);
      begun = true;
    }
    if (!begun) upcoming = begin(index + 1);
    const { finish, inputTokens, instructionTokens } = chunk.value;
    yield match.push(seam.finish(!isLast || finish === "length"));
    yield match.finish();
    level = match.rms;
    if (!isLast) yield new Float32Array(Math.round(pauseAfter(segments[index]) * sampleRate));
    end.inputTokens += inputTokens;
    // Each is given them, the text has them once.
    end.instructionTokens = instructionTokens;
    if (finish === "length") end.finish = "length";
  }
  return end;
}

function pauseAfter(segment: Segment | undefined): number {
  if (!segment) return 0;
  const isParagraph = segment.border === "sentence" && /\n\s*\n\s*$/.test(segment.text);
  return isParagraph ? paragraphPauseSeconds : pauseSeconds[segment.border];
}
