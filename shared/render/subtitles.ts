import type { SpeechEvent, Timestamps } from "../speech-events.ts";
import { timestampsOf } from "../timestamps.ts";

/** What is shown at once. */
export interface Cue {
  start: number;
  end: number;
  lines: string[];
}

/** Two lines of as much as is read at a glance, for no longer than it takes (https://bbc.github.io/subtitle-guidelines/). */
const lineLetters = 42;
const cueLetters = 2 * lineLetters;
const cueSeconds = 7;
const sentenceEnd = /[.!?…。！？]["'”’»)]*$/u;
/** Headings and items end without a stop. */
const paragraphEnd = /\n\s*\n\s*$/u;

type Segment = Timestamps["segments"][number];
type Word = NonNullable<Timestamps["words"]>[number];

/** Shows a speech by its segments, cut between words where the times of these are known. */
export function cuesOf(events: readonly SpeechEvent[]): Cue[] {
  const { segments, words = [] } = timestampsOf(events);
  let from = 0;
  return segments.flatMap((segment) => {
    from = indexFrom(words, from, segment.start);
    const to = indexFrom(words, from, segment.end);
    const inside = words.slice(from, to);
    return inside.length > 0 ? cutCues(segment, inside) : [cueOf(segment, segment.text)];
  });
}

/** WebVTT (https://www.w3.org/TR/webvtt1/). */
export function renderVtt(events: readonly SpeechEvent[]): string {
  const cues = cuesOf(events).map(
    ({ start, end, lines }) => `${clock(start, ".")} --> ${clock(end, ".")}\n${escaped(lines)}\n`,
  );
  return ["WEBVTT\n", ...cues].join("\n");
}

/** SubRip, as players have it. */
export function renderSrt(events: readonly SpeechEvent[]): string {
  const cues = cuesOf(events).map(
    ({ start, end, lines }, index) =>
      `${index + 1}\n${clock(start, ",")} --> ${clock(end, ",")}\n${lines.join("\n")}\n`,
  );
  return cues.join("\n");
}

/** The first word from `index` on that begins at that time or later: a book has more than are looked through each time. */
function indexFrom(words: readonly Word[], index: number, seconds: number): number {
  let at = index;
  for (let word = words[at]; word && word.start < seconds; word = words[at]) at++;
  return at;
}

function cutCues(segment: Segment, words: readonly Word[]): Cue[] {
  const texts = textsOf(segment, words);
  const cues: Cue[] = [];
  let from = 0;
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    const text = texts.slice(from, index + 1).join("");
    const longer = text + (texts[index + 1] ?? "");
    const start = words[from]?.start ?? segment.start;
    const isFull =
      !next ||
      sentenceEnd.test(text.trim()) ||
      paragraphEnd.test(text) ||
      longer.trim().length > cueLetters ||
      next.end - start > cueSeconds;
    if (!isFull) continue;
    cues.push(cueOf({ start, end: word.end }, text));
    from = index + 1;
  }
  return cues;
}

/** Each word with what follows it, as the segment has it where that is what was written; else the bare words. */
function textsOf(segment: Segment, words: readonly Word[]): string[] {
  const letters = Array.from(segment.text);
  const isAsWritten = letters.length === segment.char_end - segment.char_start;
  if (!isAsWritten) return words.map(({ word }) => `${word} `);
  return words.map(({ char_start }, index) => {
    const from = index === 0 ? segment.char_start : char_start;
    const to = words[index + 1]?.char_start ?? segment.char_end;
    return letters.slice(from - segment.char_start, to - segment.char_start).join("");
  });
}

function cueOf({ start, end }: { start: number; end: number }, text: string): Cue {
  return { start, end, lines: linesOf(text.replace(/\s+/gu, " ").trim()) };
}

/** In as many lines as it takes, which is two for all but segments whose words are not known. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > lineLetters) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function escaped(lines: readonly string[]): string {
  return lines.join("\n").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** 00:00:00.000 */
function clock(seconds: number, point: "." | ","): string {
  const milliseconds = Math.round(seconds * 1000);
  const parts = [3_600_000, 60_000, 1000].map((unit, index) =>
    String(
      Math.floor(milliseconds / unit) % (index === 0 ? Number.POSITIVE_INFINITY : 60),
    ).padStart(2, "0"),
  );
  return `${parts.join(":")}${point}${String(milliseconds % 1000).padStart(3, "0")}`;
}
