import { describe, expect, it } from "vitest";
import { sourceRange } from "../../../../origin/text/mapped-text.ts";
import { readInput } from "../../../../origin/text/read-input.ts";
import { plainCatalogue } from "../../../../shared/catalogue.ts";
import { speechRequestSchema } from "../../../../shared/speech-request.ts";

function read(input: string, fields = {}) {
  const body = { model: "tts-1", voice: "alloy", input, markup: "markdown", ...fields };
  const options = { defaultLanguage: "english", catalogue: plainCatalogue } as const;
  return readInput(speechRequestSchema.parse(body), options);
}

/** The passages with the pauses before them, sentences by a bar and paragraphs by two. */
function told(input: string, fields = {}): string[] {
  return read(input, fields).passages.map(({ text, pauseBefore }) => {
    const marked = text.text.replace(/ *\n\n\s*/g, "||").replace(/ *\n\s*/g, "|");
    return `${pauseBefore === null ? "" : `(${pauseBefore}) `}${marked.replace(/\|+$/, "").trim()}`;
  });
}

describe("Markdown", () => {
  it.each<[string, string[]]>([
    [
      "# Title\n\nThe *first* **line**\nand more.\n\nNext.",
      ["Title", "(0.8) The first line and more.||Next."],
    ],
    ["One\n\n---\n\nTwo", ["One", "(1.2) Two"]],
    ["- milk\n- eggs\n  - brown\n\nThat is all.", ["milk|eggs|brown||That is all."]],
    ["3. three\n4. four", ["3. three|4. four"]],
    [
      "See [the site](https://example.com/a?b) or <https://example.com>.",
      ["See the site or https://example.com."],
    ],
    ["![A cat](cat.png) sleeps.", ["A cat sleeps."]],
    ["Run `npm ci` first.\n\n```js\nlet a = 1;\n```\n\nDone.", ["Run npm ci first.||Done."]],
    ["> To be,\n> or not.\n\nHamlet", ["To be, or not.||Hamlet"]],
    [
      "| Name | Age |\n| --- | --- |\n| Ann | 5 |\n| Bob | 7 |",
      ["Name: Ann, Age: 5|Name: Bob, Age: 7"],
    ],
    ["A claim[^1] holds.\n\nMore.\n\n[^1]: Says who.", ["A claim holds.||Says who.||More."]],
    ["one  \ntwo", ["one|two"]],
    ["a \\* b &amp; c", ["a * b & c"]],
    ["1 < 2 and <b>bold</b>", ["1 < 2 and bold"]],
    ["## Only a title", ["Only a title"]],
    ["~~old~~ new, - [x] not a task", ["old new, - [x] not a task"]],
    ["***", ["(1.2) "]],
  ])("%j", (input, passages) => {
    expect(told(input)).toEqual(passages);
  });

  it("reads blocks of code where that is asked for, and else says that it left them out", () => {
    const input = "Look:\n\n    let a = 1;\n    let b;\n\n<div>\nnever\n</div>";
    expect(told(input)).toEqual(["Look:"]);
    expect(read(input).ignoredElements).toEqual(["code", "html"]);
    expect(told(input, { code_blocks: "speak" })).toEqual(["Look:||let a = 1; let b;"]);
    expect(read(input, { code_blocks: "speak" }).ignoredElements).toEqual(["html"]);
  });

  it("keeps its way back to the input", () => {
    const input = "# One\n\n- *two* [three](x) &amp; `four`";
    const [, passage] = read(input).passages;
    const place = (word: string) => {
      if (!passage) return undefined;
      const at = passage.text.text.indexOf(word);
      const { start, end } = sourceRange(passage.text, at, at + word.length);
      return input.slice(start, end);
    };
    expect(["two", "three"].map(place)).toEqual(["two", "three"]);
  });

  it("is text where it is not asked for", () => {
    expect(told("# One\n\n*two*", { markup: "none" })).toEqual(["# One||*two*"]);
  });

  it("reads the worst texts of 4096 characters soon", () => {
    const worst = [
      "*",
      "[",
      "> ",
      "`",
      "- ",
      "![](",
      "<",
      "|a|\n",
      "_a ",
      "&",
      "[^1]",
      "\t",
      "**a ",
    ];
    const started = performance.now();
    for (const part of worst) read(`a${part.repeat(Math.floor(4090 / part.length))}`);
    expect((performance.now() - started) / worst.length).toBeLessThan(400);
  });
});
