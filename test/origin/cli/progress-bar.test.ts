import { describe, expect, it } from "vitest";
import { createProgressBar } from "../../../origin/cli/speak/progress-bar.ts";

/** What is written as time goes on. */
function watch(isTTY: boolean) {
  let written = "";
  let ms = 0;
  const write = (text: string | Uint8Array) => {
    written += text;
    return true;
  };
  const bar = createProgressBar({ isTTY, write }, () => ms);
  return {
    bar,
    later(seconds: number, tell: () => void): string {
      ms += seconds * 1000;
      written = "";
      tell();
      return written;
    },
  };
}

const at = (fraction: number, seconds: number) => ({ fraction, seconds, chapter: 2, chapters: 9 });

describe("the progress of a book", () => {
  it("is one line of a terminal, with the time that is left at the pace since it went on", () => {
    const { bar, later } = watch(true);
    expect(later(0, () => bar.speaking(at(0.5, 3600)))).toBe(
      "\r\u001b[K[##########----------] 50 %, chapter 2 of 9, 1:00:00 of audio",
    );
    expect(later(0.05, () => bar.speaking(at(0.51, 3601)))).toBe("");
    expect(later(59.95, () => bar.speaking(at(0.6, 3700)))).toBe(
      "\r\u001b[K[############--------] 60 %, chapter 2 of 9, 1:01:40 of audio, 4:00 left",
    );
    expect(later(1, () => bar.encoding(0))).toBe(
      "\r\u001b[K[--------------------] all is spoken, 0 % of the file is written",
    );
    expect(later(1, () => bar.encoding(0.25))).toMatch(/ 25 % of the file is written, 0:03 left$/);
    expect(later(0, () => bar.clear())).toBe("\r\u001b[K");
  });

  it("is a line now and then where there is no terminal", () => {
    const { bar, later } = watch(false);
    expect(later(0, () => bar.speaking({ ...at(0, 0), chapters: 1 }))).toBe("");
    expect(later(9, () => bar.speaking(at(0.1, 10)))).toBe("");
    expect(later(1, () => bar.speaking(at(0.25, 65)))).toBe(
      "25 %, chapter 2 of 9, 1:05 of audio, 0:30 left\n",
    );
    expect(later(9, () => bar.speaking(at(0.3, 70)))).toBe("");
    expect(later(0, () => bar.clear())).toBe("");
  });
});
