import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { epub } from "../../support/epub.ts";
import { chaptersOf, decode, hasFfmpeg, withFfmpeg } from "../../support/ffmpeg.ts";
import { loudness } from "../../support/hearing.ts";
import { runProgram } from "../../support/run-program.ts";

const sentence = "The quick brown fox jumps over the lazy dog. ";
/** Of two parts each. */
const documents = {
  "one.xhtml": `<h1>One</h1><p>${sentence.repeat(20)}</p>`,
  "two.xhtml": `<h1>Two</h1><p>${sentence.repeat(20)}</p>`,
};
const args = ["--in", "fox.epub", "--out", "fox.mp3", "--timestamps", "fox.json"];

let root: string;
/** Where the book was spoken in one go, and where that was killed after one of four parts. */
let whole: string;
let killed: string;

function start(folder: string, options: string[], environment: Record<string, string> = {}) {
  return runProgram("origin/cli/speak.ts", {
    arguments: options,
    environment: { INIT_CWD: folder, ENGINE: "builtin", ...environment },
  });
}

function newFolder(name: string): string {
  const folder = join(root, name);
  cpSync(join(root, "empty"), folder, { recursive: true });
  return folder;
}

/** A copy of what was killed. */
function copyOfKilled(name: string): string {
  const folder = join(root, name);
  cpSync(killed, folder, { recursive: true });
  return folder;
}

function jobFolder(folder: string): string {
  const parts = join(folder, "fox.mp3.parts");
  const job = existsSync(parts)
    ? readdirSync(parts).find((name) => name.startsWith("job_"))
    : undefined;
  return join(parts, job ?? "none");
}

interface Kept {
  chapters: { spokenParts: number; samples: number }[];
}

function kept(folder: string): Kept {
  const path = join(jobFolder(folder), "job.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { chapters: [] };
}

const partsOf = ({ chapters }: Kept) =>
  chapters.reduce((sum, chapter) => sum + chapter.spokenParts, 0);

/** Starts slowly, and stops it when it has spoken so many parts and is within the next. */
async function stopAfter(folder: string, count: number, signal: NodeJS.Signals) {
  const program = start(folder, args, { BUILTIN_PACE: "40" });
  await vi.waitUntil(() => partsOf(kept(folder)) >= count, { timeout: 120_000, interval: 20 });
  program.child.kill(signal);
  return program.finished;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "speak-book-"));
  const empty = join(root, "empty");
  mkdirSync(empty);
  const nav = '<li><a href="one.xhtml">Der Fuchs</a></li><li><a href="two.xhtml">Der Hund</a></li>';
  writeFileSync(join(empty, "fox.epub"), epub({ documents, nav }));
  [whole, killed] = [newFolder("whole"), newFolder("killed")];
  const [{ code, stderr }] = await Promise.all([
    start(whole, args).finished,
    stopAfter(killed, 1, "SIGKILL"),
  ]);
  expect(code, stderr).toBe(0);
}, 180_000);

afterAll(() => rmSync(root, { recursive: true }));

const file = (folder: string, name = "fox.mp3") => readFileSync(join(folder, name));

describe.skipIf(!hasFfmpeg)(withFfmpeg("a book as mp3"), () => {
  it("has the marks of its chapters where they begin, and all of its sound", async () => {
    const marks = await chaptersOf(file(whole));
    const { chapters } = JSON.parse(file(whole, "fox.json").toString());
    expect(marks.map(({ title }) => title)).toEqual(["Der Fuchs", "Der Hund"]);
    expect(marks[0]?.start).toBe(0);
    expect(marks[1]?.start).toBeCloseTo(chapters[1].start, 2);
    const { pcm, sampleRate } = await decode(file(whole));
    expect(pcm.length / sampleRate).toBeCloseTo(marks[1]?.end ?? 0, 0);
    const silence = Math.round((chapters[1].start - 0.5) * sampleRate);
    expect(loudness(pcm.subarray(silence, silence + sampleRate / 4))).toBeLessThan(0.001);
  });

  it("tells when its words are said, by the chapters and places in these", async () => {
    const { pcm, sampleRate } = await decode(file(whole));
    const { chapters } = JSON.parse(file(whole, "fox.json").toString());
    const [first, second] = chapters;
    expect(first.words).toHaveLength(1 + 9 * 20);
    expect(second.words).toHaveLength(1 + 9 * 20);
    const last = second.words.at(-1);
    expect(last).toMatchObject({ word: "dog" });
    const text = `Two\n\n${sentence.repeat(20)}`;
    expect(text.slice(last.char_start, last.char_end)).toBe("dog");
    expect(last.end).toBeLessThanOrEqual(pcm.length / sampleRate + 0.05);
    expect(last.start).toBeGreaterThan(pcm.length / sampleRate - 2);
    expect(second.words[0].start).toBeGreaterThanOrEqual(second.start);
    expect(first.words.at(-1).end).toBeLessThan(first.end);
    expect(readdirSync(whole).toSorted()).toEqual(["fox.epub", "fox.json", "fox.mp3"]);
  });
});

describe("a book that was not spoken to its end", () => {
  it("goes on where it was killed and where it was interrupted, to the same file", async () => {
    const folder = copyOfKilled("resumed");
    const { code, stderr } = await stopAfter(folder, 3, "SIGINT");
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /^Goes on after \d+ %\n\d+ characters in 2 chapters\n(?:\d+ %.*\n)*Interrupted after \d+ %: the same command goes on from there\.\n$/,
    );
    expect(readdirSync(folder).toSorted()).toEqual(["fox.epub", "fox.mp3.parts"]);

    const last = await start(folder, args).finished;
    expect(last.code, last.stderr).toBe(0);
    expect(last.stderr).toMatch(/^Goes on after [78]\d %\n/);
    expect(file(folder).equals(file(whole))).toBe(true);
    expect(file(folder, "fox.json").equals(file(whole, "fox.json"))).toBe(true);
    expect(existsSync(join(folder, "fox.mp3.parts"))).toBe(false);
  });

  it.skipIf(!hasFfmpeg)("does not speak again what has been spoken", async () => {
    const folder = copyOfKilled("silenced");
    const [first] = kept(folder).chapters;
    const samples = first?.samples ?? 0;
    writeFileSync(join(jobFolder(folder), "chapter-1.pcm"), Buffer.alloc(2 * samples));
    expect((await start(folder, [...args, "--quiet"]).finished).code).toBe(0);
    const { pcm } = await decode(file(folder));
    expect(samples).toBeGreaterThan(24_000);
    expect(loudness(pcm.subarray(0, samples - 4800))).toBeLessThan(0.001);
    expect(loudness(pcm.subarray(samples))).toBeGreaterThan(0.01);
  });

  it("begins anew where it is to be spoken otherwise, and says so", async () => {
    const folder = copyOfKilled("anew");
    const program = start(folder, [...args, "--voice", "echo", "--speed", "1.5"]);
    await program.until(/characters in/);
    program.child.kill("SIGKILL");
    expect((await program.finished).stderr).toMatch(
      /^Begins anew: it is to be spoken otherwise \(voice, speed\)\n/m,
    );
    expect(kept(folder).chapters[0]?.samples).not.toBe(kept(killed).chapters[0]?.samples);
  });
});

describe("--chapters", () => {
  it("writes a file and its subtitles for each chapter, named after what is read", async () => {
    const folder = newFolder("chapters");
    const source = "# One\n\nHello there.\n\n- first\n- second\n\n# Two\n\nGoodbye.";
    writeFileSync(join(folder, "a book.md"), source);
    const options = ["--in", "a book.md", "--chapters", "--format", "wav", "--timestamps", "s.vtt"];
    const { code, stderr } = await start(folder, options).finished;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/ bytes to 2 files like a book\.wav\n$/);
    expect(readdirSync(folder).filter((name) => /^[as]/.test(name))).toEqual([
      "a book-01.wav",
      "a book-02.wav",
      "a book.md",
      "s-01.vtt",
      "s-02.vtt",
    ]);
    expect(
      file(folder, "s-01.vtt")
        .toString()
        .split("\n\n")
        .slice(1)
        .map((cue) => cue.split("\n")[1]),
    ).toEqual(["One", "Hello there.", "first", "second"]);
    expect(file(folder, "s-02.vtt").toString()).toMatch(
      /^WEBVTT\n\n00:00:00\.\d+ --> [^\n]+\nTwo\n/,
    );
    const [one, two] = ["a book-01.wav", "a book-02.wav"].map((name) => file(folder, name));
    expect(one?.readUInt32LE(40)).toBe((one?.byteLength ?? 0) - 44);
    expect(one?.byteLength).toBeGreaterThan(two?.byteLength ?? 0);
  });
});

it("--timestamps writes subtitles beside a short text, and --quiet says nothing", async () => {
  const folder = newFolder("short");
  writeFileSync(join(folder, "hello.md"), "# Hello\n\nIt is me.\n");
  const options = ["--in", "hello.md", "--timestamps", "hello.SRT", "--quiet"];
  expect(await start(folder, options).finished).toMatchObject({ code: 0, stderr: "" });
  expect(file(folder, "hello.SRT").toString()).toMatch(
    /^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\nHello\n\n2\n00:00:0[^\n]+\nIt is me\.\n$/,
  );
  expect(file(folder, "hello.mp3").byteLength).toBeGreaterThan(5000);
});
