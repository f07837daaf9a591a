import { type MappedText, sourceRange } from "../../text/mapped-text.ts";
import type { SpokenWord } from "../engine.ts";

/** What espeak-ng tells of its way through a text. */
export interface EspeakEvent {
  type: string;
  /** Of the character, from 1, in code points. */
  text_position: number;
  /** In milliseconds. */
  audio_position: number;
  id?: string | number | undefined;
}

interface Unit {
  /** UTF-16 offsets. */
  start: number;
  end: number;
  startMs: number;
  endMs: number;
  /** When the last sound before the next one ends, pauses within or not. */
  soundEndMs: number;
}

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * When the words of a piece are heard, by espeak-ng's own events, which are exact to the millisecond: those that white space
 * parts, however many espeak-ng makes of one ("$5" is two to it), and in scripts without spaces what it takes for a word. What it
 * says as one ("have been") is told as one: when the second begins in it, it does not say. A word lasts until the next begins or a pause does. Places in the text are of the source of `piece`, times in samples from its beginning.
 */
export function wordTimes(
  piece: MappedText,
  events: readonly EspeakEvent[],
  sampleRate: number,
): SpokenWord[] {
  const { text } = piece;
  const units: Unit[] = [];
  const offsets = codePointOffsets(text);
  let open: Unit | undefined;
  let isSounding = false;

  function close(atMs: number): void {
    if (open) open.endMs = Math.max(open.startMs, atMs);
    open = undefined;
  }

  for (const { type, text_position, audio_position, id } of events) {
    const isPause = type === "end" || (type === "phoneme" && id === "");
    if (isPause) close(audio_position);
    else if (type === "phoneme") isSounding = true;
    const latest = units.at(-1);
    if (latest && isSounding && (isPause || type === "word")) latest.soundEndMs = audio_position;
    if (isPause || type === "word") isSounding = false;
    if (type !== "word") continue;
    const place = placeOf(text, offsets[text_position - 1] ?? text.length);
    if (!place) continue;
    if (latest && place.start < latest.end) {
      // More of the same word, or one that it had read ahead of.
      open ??= latest;
      continue;
    }
    close(audio_position);
    const atMs = audio_position;
    open = { ...place, startMs: atMs, endMs: atMs, soundEndMs: atMs };
    units.push(open);
  }

  const samples = (ms: number) => Math.round((ms * sampleRate) / 1000);
  return withUntold(text, splitUnspaced(text, units)).map(({ start, end, startMs, endMs }) => {
    const trimmed = trim(text, start, end);
    const source = sourceRange(piece, trimmed.start, trimmed.end);
    return {
      word: text.slice(trimmed.start, trimmed.end),
      textStart: source.start,
      textEnd: source.end,
      start: samples(startMs),
      end: samples(endMs),
    };
  });
}

/** The word that a place lies in, or is right before; in scripts without spaces the place itself, as far as its kind goes. */
function placeOf(text: string, at: number): { start: number; end: number } | undefined {
  const from = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
  if (from >= text.length) return undefined;
  if (unspaced.test(text.slice(from, from + 2))) return { start: from, end: from + 1 };
  let start = from;
  while (start > 0 && !/\s/.test(text[start - 1] ?? " ") && !unspaced.test(text[start - 1] ?? " "))
    start--;
  let end = from;
  while (end < text.length && !/\s/.test(text[end] ?? " ") && !unspaced.test(text[end] ?? " "))
    end++;
  return { start, end };
}

/** Of what is written without spaces, a word goes as far as the next one that was told, or the next space. */
function splitUnspaced(text: string, units: readonly Unit[]): Unit[] {
  return units.map((unit, index) => {
    if (!unspaced.test(text.slice(unit.start, unit.start + 2))) return unit;
    const most = units[index + 1]?.start ?? text.length;
    const run = /^\S*/.exec(text.slice(unit.start, most))?.[0].length ?? 1;
    return { ...unit, end: unit.start + Math.max(1, run) };
  });
}

/** Words that nothing was told of were said between the one before them and the next: with the former, to the last sound. */
function withUntold(text: string, units: readonly Unit[]): Unit[] {
  return units.map((unit, index) => {
    const most = units[index + 1]?.start ?? text.length;
    let { end } = unit;
    for (const { 0: word, index: at } of text.slice(unit.end, most).matchAll(/\S+/g)) {
      if (/[\p{L}\p{N}]/u.test(word)) end = unit.end + at + word.length;
    }
    if (end === unit.end) return unit;
    return { ...unit, end, endMs: Math.max(unit.endMs, unit.soundEndMs) };
  });
}

/** A word without what stands around it, unless that is all there is, as in "&". */
function trim(text: string, start: number, end: number): { start: number; end: number } {
  const word = text.slice(start, end);
  const before = /^[\p{P}\s]+/u.exec(word)?.[0].length ?? 0;
  const after = /[\p{P}\s]+$/u.exec(word)?.[0].length ?? 0;
  return before === word.length ? { start, end } : { start: start + before, end: end - after };
}

/** Where each code point of a text begins, in UTF-16 units. */
function codePointOffsets(text: string): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (const character of text) {
    offsets.push(at);
    at += character.length;
  }
  return offsets;
}
