import { rename, writeFile } from "node:fs/promises";
import { renderSrt, renderVtt } from "../../../shared/render/subtitles.ts";
import type { SpeechEvent } from "../../../shared/speech-events.ts";
import { timestampsOf } from "../../../shared/timestamps.ts";
import { endingOf } from "./options.ts";

/** When what of a chapter is said, in seconds of its file. */
export interface ChapterTimes {
  title: string | null;
  start: number;
  end: number;
  events: SpeechEvent[];
}

/** Writes what happens in a speech as the ending of the path has it. Rejects with the system's error. */
export async function writeTimestamps(path: string, events: SpeechEvent[]): Promise<void> {
  const kind = endingOf(path);
  if (kind === "vtt") await writeWhole(path, renderVtt(events));
  else if (kind === "srt") await writeWhole(path, renderSrt(events));
  else await writeWhole(path, toJson(timestampsOf(events)));
}

/** The same of a file of a book: as JSON by chapters, in whose texts the places are then. */
export async function writeBookTimestamps(
  path: string,
  chapters: readonly ChapterTimes[],
): Promise<void> {
  if (endingOf(path) !== "json") {
    return writeTimestamps(
      path,
      chapters.flatMap(({ events }) => events),
    );
  }
  const told = chapters.map(({ events, ...chapter }) => ({ ...chapter, ...timestampsOf(events) }));
  await writeWhole(path, toJson({ chapters: told }));
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, text);
  await rename(part, path);
}
