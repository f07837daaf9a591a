import type { WriteStream } from "node:tty";
import type { SpeechEnd } from "../../../shared/frames/frame.ts";

const redrawMilliseconds = 100;

/** Tells the user how it goes: one line that is redrawn on a terminal, and one at the end anywhere. */
export interface Report {
  /** The engine is ready and begins. `ignored` are the fields it has no use for. */
  begin(ignored: readonly string[]): void;
  /** More audio went out. `seconds` have been spoken in all; `hasSound` once any of that can be heard. */
  progress(seconds: number, hasSound: boolean): void;
  end(end: SpeechEnd): void;
  /** Removes the redrawn line. */
  clear(): void;
  summary(destination: string): void;
}

export function createReport(terminal: WriteStream): Report {
  let start = 0;
  let drawnAt = 0;
  let firstByteSeconds: number | undefined;
  let firstSoundSeconds: number | undefined;
  let totalSeconds = 0;
  let ending: SpeechEnd | undefined;
  const elapsed = () => (performance.now() - start) / 1000;
  const clear = () => {
    if (terminal.isTTY) terminal.write("\r\u001b[K");
  };
  return {
    begin(ignored) {
      if (ignored.length > 0) terminal.write(`Without effect: ${ignored.join(", ")}\n`);
      start = performance.now();
    },
    progress(seconds, hasSound) {
      firstByteSeconds ??= elapsed();
      if (hasSound) firstSoundSeconds ??= elapsed();
      if (!terminal.isTTY || performance.now() - drawnAt < redrawMilliseconds) return;
      drawnAt = performance.now();
      clear();
      const pace = (seconds / elapsed()).toFixed(1);
      terminal.write(`${seconds.toFixed(1)} s of audio, ${pace} times as fast as real time`);
    },
    end(end) {
      totalSeconds = elapsed();
      ending = end;
    },
    clear,
    summary(destination) {
      clear();
      if (!ending) return;
      const audioSeconds = ending.samples / ending.sample_rate;
      const facts = [
        `${audioSeconds.toFixed(2)} s of audio${ending.finish === "length" ? ", cut short," : ""} in ${inSeconds(totalSeconds)}`,
        `RTF ${(totalSeconds / audioSeconds).toFixed(3)}`,
        `first byte after ${inSeconds(firstByteSeconds)}`,
        `first sound after ${inSeconds(firstSoundSeconds)}`,
        `${ending.bytes} bytes to ${destination}`,
      ];
      terminal.write(`${ending.engine}: ${facts.join(", ")}\n`);
    },
  };
}

function inSeconds(seconds: number | undefined): string {
  return seconds === undefined ? "never" : `${seconds.toFixed(3)} s`;
}
