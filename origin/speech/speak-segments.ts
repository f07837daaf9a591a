import { createGain } from "../audio/gain.ts";
import { createMatchLevel } from "../audio/match-level.ts";
import { createSeam } from "../audio/seam.ts";
import { createTempo } from "../audio/tempo.ts";
import { createTrimSilence } from "../audio/trim-silence.ts";
import type { Engine, UtteranceEnd } from "../engine/engine.ts";
import type { FinishReason } from "../model/generate/stream-state.ts";
import type { SegmentSeeds } from "./segment-seeds.ts";
import type { Script, SpokenSegment } from "./spoken-segments.ts";

/** How much of a segment is spoken before the next one is begun, so that it is there when this one ends. */
const leadSeconds = 2;

/** How a text ended: what could be spoken again has been. */
export interface SpokenEnd extends UtteranceEnd {
  finish: FinishReason;
}

type Audio = AsyncGenerator<Float32Array, SpokenEnd>;

interface Begun {
  segment: SpokenSegment;
  audio: Audio;
  first: ReturnType<Audio["next"]>;
}

/**
 * Speaks segments one after the other, each begun while the one before it is spoken. An engine ends each as it would end
 * a text, so where two meet its silence gives way to the pause that belongs there, and the rest of a sentence takes on the
 * level of its beginning. Segments may still be to come: they are waited for. Yields as `Engine.synthesize` does. Stops by
 * the signal alone.
 */
export async function* speakSegments(
  engine: Engine,
  segments: Iterable<SpokenSegment> | AsyncIterable<SpokenSegment>,
  segmentSeeds: SegmentSeeds,
  signal: AbortSignal,
): Audio {
  const { sampleRate } = engine;
  const coming = each(segments);
  const end: SpokenEnd = { finish: "stop", inputTokens: 0, instructionTokens: 0 };
  let spoken = 0;

  async function* speakSegment(index: number, script: Script): Audio {
    for await (const { seed, isLast } of segmentSeeds.seedsOf(index)) {
      const utterance = { ...script, seed, retryable: !isLast };
      const { finish, ...tokens } = yield* engine.synthesize(utterance, signal);
      if (finish !== "degenerate") return { finish, ...tokens };
    }
    throw new Error("the engine gave up a take that was not retryable");
  }

  async function beginNext(): Promise<Begun | undefined> {
    const { done, value: segment } = await coming.next();
    if (done) return undefined;
    const audio = segment.script ? speakSegment(spoken++, segment.script) : nothing();
    const first = audio.next();
    // Whoever comes to this segment is told; nobody may.
    first.catch(() => {});
    return { segment, audio, first };
  }

  function begin(): Promise<Begun | undefined> {
    const begun = beginNext();
    begun.catch(() => {});
    return begun;
  }

  let upcoming = begin();
  let level: number | null = null;
  let isFirst = true;
  for (let begun = await upcoming; begun; begun = await upcoming) {
    const { segment, audio, first } = begun;
    const { isLast } = segment;
    if (segment.pauseSeconds > 0) {
      yield new Float32Array(Math.round(segment.pauseSeconds * sampleRate));
    }
    const trim = createTrimSilence(sampleRate, { before: !isFirst, after: !isLast });
    const seam = createSeam(sampleRate, !isFirst);
    const match = createMatchLevel(sampleRate, segment.goesOn ? level : null);
    const tempo = await createTempo(segment.rate, sampleRate);
    const gain = createGain(segment.gain);
    let samples = 0;
    let isNextBegun = false;
    try {
      let chunk = await first;
      for (; !chunk.done; chunk = await audio.next()) {
        samples += chunk.value.length;
        yield gain.push(tempo.push(match.push(seam.push(trim.push(chunk.value)))));
        if (isNextBegun || samples < leadSeconds * segment.rate * sampleRate) continue;
        upcoming = begin();
        isNextBegun = true;
      }
      if (!isNextBegun) upcoming = begin();
      const { finish, inputTokens, instructionTokens } = chunk.value;
      yield gain.push(tempo.push(match.push(seam.finish(!isLast || finish === "length"))));
      yield gain.push(tempo.push(match.finish()));
      yield gain.push(tempo.finish());
      end.inputTokens += inputTokens;
      // Each is given them, the text has them once.
      end.instructionTokens = Math.max(end.instructionTokens, instructionTokens);
      if (finish === "length") end.finish = "length";
    } finally {
      tempo.close();
    }
    level = match.rms;
    isFirst = false;
  }
  return end;
}

async function* each<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
): AsyncGenerator<Item, void> {
  yield* items;
}

/** Of a segment in which nothing is said. */
// biome-ignore lint/correctness/useYield: it is an audio of no chunks
async function* nothing(): Audio {
  return { finish: "stop", inputTokens: 0, instructionTokens: 0 };
}
