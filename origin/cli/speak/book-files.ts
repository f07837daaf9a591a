import { existsSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { type AudioFormat, factsOf, fileName } from "../../../shared/formats.ts";
import type { SpeechRequest } from "../../../shared/speech-request.ts";
import type { SpeakOptions } from "./options.ts";

/** Where a book is spoken to, as paths of the system. */
export interface BookFiles {
  /** One, or one for each chapter. */
  audio: string[];
  /** The same for when what is said; empty where that is not asked for. */
  timestamps: string[];
  /** The folder of what has been spoken until the files are whole. */
  parts: string;
}

/** The name of what is made of a file in that format. */
export function nameAfter(input: string, format: AudioFormat): string {
  if (input === "-") return fileName(format);
  const { extension = format } = factsOf(format);
  return `${basename(input, extname(input))}.${extension}`;
}

/** Undefined for what is played and not kept. */
export function outOf(
  options: SpeakOptions,
  { format }: Pick<SpeechRequest, "format">,
): string | undefined {
  if (options.out !== undefined || options.play) return options.out;
  return nameAfter(options.in ?? "-", format);
}

/** `count` is that of the chapters where each has its file, and else null. */
export function bookFiles(
  out: string,
  timestamps: string | undefined,
  count: number | null,
): BookFiles {
  const spread = (path: string) =>
    count === null
      ? [path]
      : Array.from({ length: count }, (_, index) => numbered(path, index, count));
  return {
    audio: spread(out),
    timestamps: timestamps === undefined ? [] : spread(timestamps),
    parts: `${out}.parts`,
  };
}

/**
 * Throws an Error fit for the user when a file cannot be written where it should be, and, where nobody has named them
 * (`mayReplace`), when there is one already that would be lost.
 */
export function requireWritable(
  { audio, timestamps, parts }: BookFiles,
  mayReplace: boolean,
): void {
  for (const path of [...audio, ...timestamps]) {
    if (!existsSync(dirname(path))) throw new Error(`${path} cannot be written: ENOENT`);
    if (existsSync(path) && !statSync(path).isFile()) {
      throw new Error(`${path} is there and is not a file`);
    }
  }
  const [present] = audio.filter((path) => existsSync(path));
  // What goes on has been begun with leave.
  if (present === undefined || mayReplace || existsSync(parts)) return;
  throw new Error(`${present} is there already: name it with --out to have it replaced`);
}

/** book.mp3 becomes book-01.mp3, and has as many digits as the last needs. */
function numbered(path: string, index: number, count: number): string {
  const ending = extname(path);
  const digits = Math.max(2, String(count).length);
  const number = String(index + 1).padStart(digits, "0");
  return join(dirname(path), `${basename(path, ending)}-${number}${ending}`);
}
