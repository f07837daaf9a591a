import type { SpeechEvent } from "../../shared/speech-events.ts";
import type { SpeechNote } from "./speak-segments.ts";
import type { SpokenInput } from "./spoken-segments.ts";

/** Tells notes of a speech by the clock of its file. */
export interface Timeline {
  note(note: SpeechNote): void;
  /** Those that are over when so many seconds of the file have been made, in order. */
  due(seconds: number): SpeechEvent[];
}

interface TimelineOptions {
  input: SpokenInput;
  /** Whether a segment is told as it stands in the input, and not as it is put in words. */
  isPlain: boolean;
  /** Of the notes' times, in Hz. */
  sampleRate: number;
  /** By which all of the speech is made faster. */
  speed: number;
  /** How many seconds are cut from its beginning, as soon as anything has come of it. */
  cutSeconds(): number;
}

/**
 * Times in the file: as exact as the engine's own at its speed, else within the 20 ms of a pitch period that a tempo drops or
 * repeats. What a decoder adds of its own before the sound (mp3 and aac), players take away or do not.
 */
export function createTimeline({
  input,
  isPlain,
  sampleRate,
  speed,
  cutSeconds,
}: TimelineOptions): Timeline {
  const waiting: SpeechNote[] = [];

  const timeOf = (samples: number) => {
    const seconds = samples / sampleRate / speed - cutSeconds();
    return Math.max(0, Math.round(seconds * 1000) / 1000);
  };

  function eventOf(note: SpeechNote): SpeechEvent {
    const start = timeOf(note.at);
    if (note.kind === "mark") return { type: "speech.mark", name: note.name, time: start };
    const { place } = note;
    const when = {
      start,
      end: Math.max(start, timeOf(note.end)),
      char_start: input.codePointsBefore(place.start),
      char_end: input.codePointsBefore(place.end),
    };
    if (note.kind === "word") return { type: "speech.word", word: note.word, ...when };
    const text = isPlain ? input.slice(place.start, place.end) : note.text;
    return { type: "speech.segment", text, speaker: note.speaker, ...when };
  }

  return {
    note: (note) => void waiting.push(note),
    due(seconds) {
      const events: SpeechEvent[] = [];
      for (let next = waiting[0]; next; next = waiting[0]) {
        if (timeOf(next.kind === "segment" ? next.end : next.at) > seconds) break;
        waiting.shift();
        events.push(eventOf(next));
      }
      return events;
    },
  };
}
