import type { WriteStream } from "node:tty";

/** How far a book has come. */
export interface BookProgress {
  /** Of the text, from 0 to 1. */
  fraction: number;
  /** Of sound. */
  seconds: number;
  /** From 1. */
  chapter: number;
  chapters: number;
}

export interface ProgressBar {
  speaking(progress: BookProgress): void;
  /** How much of what was spoken has been made a file, from 0 to 1. */
  encoding(fraction: number): void;
  /** Removes the line that is redrawn. */
  clear(): void;
}

const redrawMs = 100;
const lineMs = 10_000;
const barLetters = 20;

/**
 * Shows how far it is, and how long it will still take at the pace since it was first told: on a terminal in a line that is
 * redrawn, elsewhere in a line of its own every ten seconds. `now` is a clock in milliseconds.
 */
export function createProgressBar(
  terminal: Pick<WriteStream, "isTTY" | "write">,
  now: () => number = () => performance.now(),
): ProgressBar {
  const speaking = createEstimate(now);
  const encoding = createEstimate(now);
  const startedAt = now();
  let shownAt = terminal.isTTY ? Number.NEGATIVE_INFINITY : startedAt;
  const clear = () => {
    if (terminal.isTTY) terminal.write("\r\u001b[K");
  };

  function show(fraction: number, words: () => string): void {
    if (now() - shownAt < (terminal.isTTY ? redrawMs : lineMs)) return;
    shownAt = now();
    clear();
    terminal.write(terminal.isTTY ? `${bar(fraction)} ${words()}` : `${words()}\n`);
  }

  return {
    clear,
    speaking({ fraction, seconds, chapter, chapters }) {
      const left = speaking(fraction);
      const place = chapters > 1 ? `, chapter ${chapter} of ${chapters}` : "";
      show(fraction, () => `${percent(fraction)}${place}, ${clock(seconds)} of audio${left}`);
    },
    encoding(fraction) {
      const left = encoding(fraction);
      show(fraction, () => `all is spoken, ${percent(fraction)} of the file is written${left}`);
    },
  };
}

/** Says how long something takes until its end, by how long it took from where it was first told to be. */
function createEstimate(now: () => number): (fraction: number) => string {
  let first: { fraction: number; at: number } | undefined;
  return (fraction) => {
    first ??= { fraction, at: now() };
    if (fraction <= first.fraction) return "";
    const perFraction = (now() - first.at) / (fraction - first.fraction);
    return `, ${clock((perFraction * (1 - fraction)) / 1000)} left`;
  };
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

function bar(fraction: number): string {
  const full = Math.floor(fraction * barLetters);
  return `[${"#".repeat(full)}${"-".repeat(barLetters - full)}]`;
}

/** 1:05, 2:01:05 */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
