import { randomUUID } from "node:crypto";
import { createGain } from "../audio/gain.ts";
import { createMatchLevel, type MatchLevel, maxGainOfVoices } from "../audio/match-level.ts";
import { createSeam } from "../audio/seam.ts";
import { createTempo } from "../audio/tempo.ts";
import { createTrimSilence } from "../audio/trim-silence.ts";
import type { Engine, SpokenWord, UtteranceEnd } from "../engine/engine.ts";
import type { FinishReason } from "../model/generate/stream-state.ts";
import { type MappedText, sourceRange } from "../text/mapped-text.ts";
import type { SegmentSeeds } from "./segment-seeds.ts";
import type { Script, SpokenSegment } from "./spoken-segments.ts";

/** How a text ended: what could be spoken again has been. */
export interface SpokenEnd extends UtteranceEnd {
  finish: FinishReason;
}

/**
 * What happens in a speech. Times are in samples of it, places in UTF-16 units of the input. Each is told when the sound it is about
 * has been passed on, so in order of their ends.
 */
export type SpeechNote =
  | { kind: "mark"; name: string; at: number }
  | { kind: "word"; word: string; at: number; end: number; place: Place }
  | {
      kind: "segment";
      text: string;
      speaker: string | null;
      at: number;
      end: number;
      place: Place;
    };

interface Place {
  start: number;
  end: number;
}

interface SpeakOptions {
  note?: ((note: SpeechNote) => void) | undefined;
  /** Whether words are to be noted, by an engine that tells them. */
  words?: boolean;
  /** How fast a listener plays what is yielded; null when nobody listens to it as it comes. */
  speed?: number | null;
}

type Audio = AsyncGenerator<Float32Array, SpokenEnd>;

interface Begun {
  segment: SpokenSegment;
  /** That it has told so far, by the clock of its own sound. */
  words: SpokenWord[];
  audio: Audio;
  first: ReturnType<Audio["next"]>;
}

/**
 * Speaks segments one after the other, each begun once there is sound of the one before it: the engine knows then what its
 * listener hears next, and speaks it as soon as it has the time to spare. An engine ends each as it would end
 * a text, so where two meet its silence gives way to the pause that belongs there, and the rest of a sentence takes on the
 * level of its beginning. Segments may still be to come: they are waited for. Yields as `Engine.synthesize` does. Stops by
 * the signal alone.
 */
export async function* speakSegments(
  engine: Engine,
  segments: Iterable<SpokenSegment> | AsyncIterable<SpokenSegment>,
  segmentSeeds: SegmentSeeds,
  signal: AbortSignal,
  { note = () => undefined, words: wantsWords = false, speed = 1 }: SpeakOptions = {},
): Audio {
  const { sampleRate } = engine;
  const coming = each(segments);
  const listenerId = randomUUID();
  const end: SpokenEnd = { finish: "stop", inputTokens: 0, instructionTokens: 0 };
  let spoken = 0;
  let samplesPassed = 0;

  async function* speakSegment(
    index: number,
    script: Script,
    rate: number,
    words: SpokenWord[],
  ): Audio {
    const listener = speed === null ? undefined : { id: listenerId, speed: speed * rate };
    const onWords = wantsWords ? (told: SpokenWord[]) => void words.push(...told) : undefined;
    for await (const { seed, isLast } of segmentSeeds.seedsOf(index)) {
      const utterance = { ...script, seed, retryable: !isLast };
      const { finish, ...tokens } = yield* engine.synthesize(utterance, signal, onWords, listener);
      if (finish !== "degenerate") return { finish, ...tokens };
    }
    throw new Error("the engine gave up a take that was not retryable");
  }

  async function beginNext(): Promise<Begun | undefined> {
    const { done, value: segment } = await coming.next();
    if (done) return undefined;
    const words: SpokenWord[] = [];
    const { script, rate } = segment;
    const audio = script ? speakSegment(spoken++, script, rate, words) : nothing();
    const first = audio.next();
    // Whoever comes to this segment is told; nobody may.
    first.catch(() => {});
    return { segment, words, audio, first };
  }

  function begin(): Promise<Begun | undefined> {
    const begun = beginNext();
    begun.catch(() => {});
    return begun;
  }

  function passed(pcm: Float32Array): Float32Array {
    samplesPassed += pcm.length;
    return pcm;
  }

  function noteSegment({ text, speaker }: SpokenSegment, from: number): void {
    const said = text.text.trim();
    const start = text.text.indexOf(said);
    note({
      kind: "segment",
      text: said,
      speaker,
      at: from,
      end: samplesPassed,
      place: sourceRange(text, start, start + said.length),
    });
  }

  let upcoming = begin();
  let level: number | null = null;
  let firstLevel: number | null = null;
  let isFirst = true;
  for (let begun = await upcoming; begun; begun = await upcoming) {
    const { segment, words, audio, first } = begun;
    const { isLast } = segment;
    for (const silence of pauseOf(segment.pauseSeconds, sampleRate)) yield passed(silence);
    const from = samplesPassed;
    for (const name of segment.marks) note({ kind: "mark", name, at: from });
    const trim = createTrimSilence(sampleRate, { before: !isFirst, after: !isLast });
    const seam = createSeam(sampleRate, !isFirst);
    const match: MatchLevel =
      segment.isTurn && !segment.goesOn
        ? createMatchLevel(sampleRate, firstLevel, maxGainOfVoices)
        : createMatchLevel(sampleRate, segment.goesOn ? level : null);
    const tempo = await createTempo(segment.rate, sampleRate);
    const gain = createGain(segment.gain);
    let isNextBegun = false;
    /** Those that have been heard. Before anything has, it is not known what of the beginning will be cut. */
    function noteWords(): void {
      const placeOf = (at: number) =>
        from + Math.max(0, Math.round((at - trim.cutBefore) / segment.rate));
      for (let word = words[0]; word && samplesPassed > from; word = words[0]) {
        const at = placeOf(word.start);
        if (at > samplesPassed) return;
        const { text, end, place } = takeWord(segment.text, words);
        note({ kind: "word", word: text, at, end: placeOf(end), place });
      }
    }
    try {
      let chunk = await first;
      for (; !chunk.done; chunk = await audio.next()) {
        yield passed(gain.push(tempo.push(match.push(seam.push(trim.push(chunk.value))))));
        noteWords();
        if (isNextBegun) continue;
        upcoming = begin();
        isNextBegun = true;
      }
      if (!isNextBegun) upcoming = begin();
      const { finish, inputTokens, instructionTokens } = chunk.value;
      yield passed(gain.push(tempo.push(match.push(seam.finish(!isLast || finish === "length")))));
      yield passed(gain.push(tempo.push(match.finish())));
      yield passed(gain.push(tempo.finish()));
      noteWords();
      end.inputTokens += inputTokens;
      // Each is given them, the text has them once.
      end.instructionTokens = Math.max(end.instructionTokens, instructionTokens);
      if (finish === "length") end.finish = "length";
    } finally {
      tempo.close();
    }
    if (segment.script) noteSegment(segment, from);
    level = match.rms;
    firstLevel ??= level;
    isFirst = false;
  }
  return end;
}

/** The first of the words, with those behind it that stand for the same: "$5" is one, however it is put in words. */
function takeWord(
  text: MappedText,
  words: SpokenWord[],
): { text: string; end: number; place: Place } {
  const placeOf = ({ textStart, textEnd }: SpokenWord) => sourceRange(text, textStart, textEnd);
  const said: SpokenWord[] = words.splice(0, 1);
  const [first] = said;
  if (!first) throw new Error("there is no word to take");
  const place = placeOf(first);
  for (let next = words[0]; next; next = words[0]) {
    const { start, end } = placeOf(next);
    if (start !== place.start || end !== place.end) break;
    said.push(next);
    words.shift();
  }
  return {
    text: said.map(({ word }) => word).join(" "),
    end: said.at(-1)?.end ?? first.end,
    place,
  };
}

/** In pieces, of which a listener takes one at a time. */
function* pauseOf(seconds: number, sampleRate: number): Generator<Float32Array> {
  const samples = Math.round(seconds * sampleRate);
  for (let at = 0; at < samples; at += sampleRate) {
    yield new Float32Array(Math.min(sampleRate, samples - at));
  }
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
