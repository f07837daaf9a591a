import type { WriteStream } from "node:tty";
import type { JobRecord, JobScript } from "../../jobs/job-record.ts";
import { createProgressBar } from "./progress-bar.ts";
import type { SpeechFacts } from "./report.ts";
import { spokenFraction } from "./taken-up.ts";

interface BookBeginning {
  record: JobRecord;
  /** Why what an earlier run has spoken is spoken again, or null. */
  anew: string | null;
  /** What else to say first, and the fields that have no effect. */
  notes: readonly string[];
  ignored: readonly string[];
}

/** Tells the user how it goes with a book. */
export interface BookReport {
  begin(beginning: BookBeginning): void;
  /** `partFraction` is how far the part has come that is spoken, from 0 to 1. */
  progress(record: JobRecord, script: JobScript, partFraction: number): void;
  /** All is spoken, and the file is made of it. */
  encoding(fraction: number): void;
  clear(): void;
  summary(destination: string): void;
  /** As of one utterance; what a book in parts has not is null. */
  readonly facts: Readonly<SpeechFacts>;
}

/** `notes` are those of the book itself. Without a terminal nothing is told. */
export function createBookReport(
  terminal: WriteStream | null,
  notes: readonly string[],
): BookReport {
  const bar = terminal && createProgressBar(terminal);
  const say = (line: string) => terminal?.write(`${line}\n`);
  let last: JobRecord | undefined;
  let startedAt = 0;
  let secondsBefore = 0;

  const secondsIn = (record: JobRecord) =>
    record.chapters.reduce((sum, { samples }) => sum + samples, 0) / record.request.sampleRate;

  function facts(): SpeechFacts {
    const audio = last ? secondsIn(last) - secondsBefore : null;
    const total = last ? (performance.now() - startedAt) / 1000 : null;
    return {
      first_byte_seconds: null,
      first_sound_seconds: null,
      total_seconds: total,
      audio_seconds: audio,
      rtf: audio && total ? total / audio : null,
      level: null,
      end: null,
    };
  }

  return {
    get facts() {
      return facts();
    },
    begin({ record, anew, notes: more, ignored }) {
      const { chapters } = record;
      last = record;
      startedAt = performance.now();
      secondsBefore = secondsIn(record);
      const fraction = spokenFraction(record);
      for (const note of [...notes, ...more]) say(note);
      if (ignored.length > 0) say(`Without effect: ${ignored.join(", ")}`);
      if (anew !== null) say(`Begins anew: ${anew}`);
      if (fraction > 0) say(`Goes on after ${Math.floor(fraction * 100)} %`);
      const characters = chapters.reduce((sum, chapter) => sum + chapter.characters, 0);
      const count = chapters.length === 1 ? "1 chapter" : `${chapters.length} chapters`;
      say(`${characters} characters in ${count}`);
    },
    progress(record, script, partFraction) {
      const { chapters } = record;
      const all = chapters.reduce((sum, { characters }) => sum + characters, 0);
      const at = chapters.findIndex(
        ({ spokenParts }, index) => spokenParts < (script.chapters[index]?.length ?? 0),
      );
      const part = script.chapters[at]?.[chapters[at]?.spokenParts ?? 0];
      bar?.speaking({
        fraction: spokenFraction(record) + ((part?.characters ?? 0) * partFraction) / all,
        seconds: secondsIn(record),
        chapter: at < 0 ? chapters.length : at + 1,
        chapters: chapters.length,
      });
    },
    encoding: (fraction) => bar?.encoding(fraction),
    clear: () => bar?.clear(),
    summary(destination) {
      bar?.clear();
      if (!last) return;
      const { total_seconds: total, rtf } = facts();
      const bytes = last.files.reduce((sum, file) => sum + file.bytes, 0);
      const pace = rtf === null ? "" : `, RTF ${rtf.toFixed(3)}`;
      say(
        `${last.engine}: ${secondsIn(last).toFixed(2)} s of audio in ${total?.toFixed(3)} s${pace}, ${bytes} bytes to ${destination}`,
      );
    },
  };
}
