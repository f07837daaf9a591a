import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cuesOf, renderSrt, renderVtt } from "../../shared/render/subtitles.ts";
import type { SpeechEvent } from "../../shared/speech-events.ts";
import { hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";

/** A segment with one word each half second, as plain input has it. */
function segmentOf(text: string, start: number): SpeechEvent[] {
  const words = Array.from(text.matchAll(/\S+/g), ({ 0: word, index }, count): SpeechEvent => {
    const at = start + count / 2;
    const place = { char_start: index, char_end: index + word.length };
    return { type: "speech.word", word, start: at, end: at + 0.4, ...place };
  });
  const end = start + words.length / 2;
  const place = { char_start: 0, char_end: text.length };
  return [...words, { type: "speech.segment", text, speaker: null, start, end, ...place }];
}

const withoutWords = (events: SpeechEvent[]) => events.filter(({ type }) => type !== "speech.word");

const long = "This one goes on and on and does not come to its end before many words were said. ";

it("a long segment is cut where words are known: two lines of 42 letters and seven seconds at most", () => {
  const cues = cuesOf(segmentOf(long.repeat(3).trim(), 0));
  expect(cues.length).toBeGreaterThan(5);
  for (const [index, { start, end, lines }] of cues.entries()) {
    expect(end - start).toBeLessThanOrEqual(7);
    expect(lines.length).toBeLessThanOrEqual(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(42);
    expect(cues[index + 1]?.start ?? end).toBeGreaterThanOrEqual(end);
  }
  expect(cues.flatMap(({ lines }) => lines).join(" ")).toBe(long.repeat(3).trim());
});

it("where no words are known, a segment is one cue", () => {
  const cues = cuesOf(withoutWords(segmentOf(long.trim(), 3)));
  expect(cues).toMatchObject([{ start: 3, end: 12 }]);
});

it.skipIf(!hasFfmpeg)(
  withFfmpeg(
    "players read the times of both formats, and WebVTT keeps signs and line breaks from being read as its own",
  ),
  () => {
    const texts = ["Say <b> & --> 1 < 2.", "One\n\ntwo."];
    const events = texts.flatMap((text, index) => withoutWords(segmentOf(text, 3600 + 10 * index)));
    const directory = mkdtempSync(join(tmpdir(), "subtitles-"));
    try {
      for (const [name, rendered] of [
        ["speech.vtt", renderVtt(events)],
        ["speech.srt", renderSrt(events)],
      ] as const) {
        const path = join(directory, name);
        writeFileSync(path, rendered);
        const args = ["-v", "error", "-show_entries", "packet=pts_time,duration_time"];
        const told = execFileSync("ffprobe", [...args, "-of", "csv=p=0", path], {
          encoding: "utf8",
        });
        const times = told.trim().split(/\s+/);
        expect(
          times.map((line) => line.split(",").slice(0, 2).map(Number)),
          name,
        ).toEqual([
          [3600, 3.5],
          [3610, 1],
        ]);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
    expect(renderVtt(events)).toContain("\nSay &lt;b&gt; &amp; --&gt; 1 &lt; 2.\n");
    expect(renderVtt(events)).toContain("\nOne two.\n");
  },
);
