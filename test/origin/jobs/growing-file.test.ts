import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import NodeID3 from "node-id3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { headOf } from "../../../origin/jobs/chapter-marks.ts";
import { openGrowingFile } from "../../../origin/jobs/growing-file.ts";
import { defaultBitrate, formatNames } from "../../../shared/formats.ts";
import { demuxerOptions } from "../../support/encodings.ts";
import { decode } from "../../support/ffmpeg.ts";

const sampleRate = 24_000;

/** Two seconds of a tone. */
const pcm = new Uint8Array(
  Int16Array.from(
    { length: 2 * sampleRate },
    (_, i) => 8000 * Math.sin((2 * Math.PI * 440 * i) / sampleRate),
  ).buffer,
);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "growing-"));
});

afterAll(() => rm(folder, { recursive: true }));

it.each(formatNames)(
  "a file as %s that is begun again has the same bytes as one that is not",
  async (format) => {
    const bitrate = defaultBitrate(format, sampleRate);
    const open = (name: string) =>
      openGrowingFile(join(folder, name), { format, sampleRate, bitrate, head: new Uint8Array(0) });
    const whole = await open(`whole.${format}`);
    await whole.append(pcm);
    await whole.finish(new Uint8Array(0));
    await whole.close();

    const broken = await open(`again.${format}`);
    await broken.append(pcm.subarray(0, 60_000));
    await broken.close();
    const begun = await readFile(join(folder, `again.${format}`));
    const again = await open(`again.${format}`);
    for (let at = 0; at < pcm.byteLength; at += 9998)
      await again.append(pcm.subarray(at, at + 9998));
    await again.finish(new Uint8Array(0));
    await again.close();

    const bytes = await readFile(join(folder, `again.${format}`));
    expect(bytes.equals(await readFile(join(folder, `whole.${format}`)))).toBe(true);
    // What was read before is still so, behind a header that now says how long the file is.
    expect(begun.byteLength).toBeGreaterThan(300);
    expect(bytes.subarray(256, begun.byteLength).equals(begun.subarray(256))).toBe(true);
    const decoded = await decode(bytes, demuxerOptions(format, sampleRate));
    expect(decoded.pcm.length / decoded.sampleRate).toBeCloseTo(2, 0);
  },
);

const chapters = (samples: number[]) => ({
  output: "file" as const,
  request: { format: "mp3", sampleRate } as Parameters<typeof headOf>[0]["request"],
  chapters: samples.map((count, index) => ({
    title: index === 1 ? null : `Kapitel ${index} – „ü“ 章`,
    characters: 1,
    spokenCharacters: 0,
    spokenParts: 0,
    samples: count,
  })),
});

it("marks of chapters take the same room before and after it is known when they begin", () => {
  const before = headOf(chapters([0, 0, 0]), 0);
  const after = headOf(chapters([100_000, 2_000_000, 4_000_000_000]), 0);
  expect(before.byteLength).toBeGreaterThan(100);
  expect(after.byteLength).toBe(before.byteLength);
});

it("the marks of more chapters than a table may have are in several tables, of which one is the first", () => {
  const count = 600;
  const tags = NodeID3.read(Buffer.from(headOf(chapters(Array(count).fill(sampleRate)), 0)));
  const [first, ...others] = tags.tableOfContents ?? [];
  expect(first?.elements).toEqual(others.map(({ elementID }) => elementID));
  expect(others.map(({ elements }) => elements?.length)).toEqual([255, 255, 90]);
  expect(others.flatMap(({ elements }) => elements ?? [])).toEqual(
    tags.chapter?.map(({ elementID }) => elementID),
  );
  expect(tags.chapter).toHaveLength(count);
});
