import type { WriteStream } from "node:tty";
import type { SpeechEnd } from "../../../shared/frames/frame.ts";
import type { Level } from "../../audio/level.ts";

const redrawMilliseconds = 100;

/** How an utterance went. What it has not come to is null. */
export interface SpeechFacts {
  first_byte_seconds: number | null;
  first_sound_seconds: number | null;
  total_seconds: number | null;
  audio_seconds: number | null;
  rtf: number | null;
  /** Of the engine's samples, of which 1 is full scale. */
  level: { peak: number; rms: number; non_finite: number } | null;
  end: SpeechEnd | null;
}

/** Tells the user how it goes: one line that is redrawn on a terminal, and one at the end anywhere. */
export interface Report {
  /** The engine is ready and begins. `ignored` are the fields it has no use for, `notes` what else to say first. */
  begin(ignored: readonly string[], notes?: readonly string[]): void;
  /** More audio went out. `seconds` have been spoken in all; `hasSound` once any of that can be heard. */
  progress(seconds: number, hasSound: boolean): void;
  /** All went out; `level` is that of the engine's sound. */
  end(end: SpeechEnd, level: Level): void;
  /** Removes the redrawn line. */
  clear(): void;
  summary(destination: string): void;
  readonly facts: Readonly<SpeechFacts>;
}

/** Without a terminal nothing is told, and all is noted. */
export function createReport(terminal: WriteStream | null): Report {
  let start = 0;
  let drawnAt = 0;
  const facts: SpeechFacts = {
    first_byte_seconds: null,
    first_sound_seconds: null,
    total_seconds: null,
    audio_seconds: null,
    rtf: null,
    level: null,
    end: null,
  };
  const elapsed = () => (performance.now() - start) / 1000;
  const clear = () => {
    if (terminal?.isTTY) terminal.write("\r\u001b[K");
  };
  return {
    facts,
    begin(ignored, notes = []) {
      for (const note of notes) terminal?.write(`${note}\n`);
      if (ignored.length > 0) terminal?.write(`Without effect: ${ignored.join(", ")}\n`);
      start = performance.now();
    },
    progress(seconds, hasSound) {
      facts.first_byte_seconds ??= elapsed();
      if (hasSound) facts.first_sound_seconds ??= elapsed();
      if (!terminal?.isTTY || performance.now() - drawnAt < redrawMilliseconds) return;
      drawnAt = performance.now();
      clear();
      const pace = (seconds / elapsed()).toFixed(1);
      terminal.write(`${seconds.toFixed(1)} s of audio, ${pace} times as fast as real time`);
    },
    end(end, { peak, rms, nonFinite }) {
      facts.end = end;
      facts.level = { peak, rms, non_finite: nonFinite };
      facts.total_seconds = elapsed();
      facts.audio_seconds = end.samples / end.sample_rate;
      facts.rtf = facts.total_seconds / facts.audio_seconds;
    },
    clear,
    summary(destination) {
      clear();
      const { end, audio_seconds, rtf } = facts;
      if (!end) return;
      const parts = [
        `${audio_seconds?.toFixed(2)} s of audio${end.finish === "length" ? ", cut short," : ""} in ${inSeconds(facts.total_seconds)}`,
        `RTF ${rtf?.toFixed(3)}`,
        `first byte after ${inSeconds(facts.first_byte_seconds)}`,
        `first sound after ${inSeconds(facts.first_sound_seconds)}`,
        `${end.bytes} bytes to ${destination}`,
      ];
      terminal?.write(`${end.engine}: ${parts.join(", ")}\n`);
    },
  };
}

function inSeconds(seconds: number | null): string {
  return seconds === null ? "never" : `${seconds.toFixed(3)} s`;
}
