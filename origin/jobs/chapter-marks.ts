import NodeID3 from "node-id3";
import type { JobRecord } from "./job-record.ts";

/** They are counted in one byte. */
const maxTableEntries = 255;

/**
 * What stands before the audio of a job's file: for mp3 an ID3v2 tag with the marks of its chapters ("ID3v2 Chapter Frame
 * Addendum"), or with the title of the chapter that it is. Its length does not depend on when they begin: it can be
 * written before that is known, and again in its place. Nothing for other formats, and where nothing has a title.
 */
export function headOf(
  { request, chapters, output }: Pick<JobRecord, "request" | "chapters" | "output">,
  fileIndex: number,
): Uint8Array {
  if (request.format !== "mp3" || chapters.every(({ title }) => title === null)) {
    return new Uint8Array(0);
  }
  if (output === "chapters") {
    const title = titleOf(chapters[fileIndex], fileIndex);
    const trackNumber = `${fileIndex + 1}/${chapters.length}`;
    return NodeID3.create({ title, trackNumber });
  }
  let samples = 0;
  const marks = chapters.map((chapter, index) => {
    const start = samples;
    samples += chapter.samples;
    const ms = (at: number) => Math.round((at / request.sampleRate) * 1000);
    return {
      elementID: `chapter${index + 1}`,
      startTimeMs: ms(start),
      // The library leaves out marks that end at 0.
      endTimeMs: Math.max(1, ms(samples)),
      tags: { title: titleOf(chapter, index) },
    };
  });
  const tableOfContents = tableOf(marks.map(({ elementID }) => elementID));
  return NodeID3.create({ chapter: marks, tableOfContents });
}

/** Of more chapters than a table can have: one of tables. */
function tableOf(chapters: readonly string[]) {
  const table = (elementID: string, elements: string[]) => ({
    elementID,
    isOrdered: true,
    elements,
  });
  if (chapters.length <= maxTableEntries) return [table("toc", [...chapters])];
  const tables = Array.from({ length: Math.ceil(chapters.length / maxTableEntries) }, (_, index) =>
    table(
      `toc${index + 1}`,
      chapters.slice(index * maxTableEntries, (index + 1) * maxTableEntries),
    ),
  );
  return [
    table(
      "toc",
      tables.map(({ elementID }) => elementID),
    ),
    ...tables,
  ];
}

function titleOf(chapter: { title: string | null } | undefined, index: number): string {
  return chapter?.title ?? String(index + 1);
}
