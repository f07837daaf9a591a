import { describe, expect, it } from "vitest";
import { compare, comparisonTable, readTable } from "./against.ts";
import { htmlReport } from "./html-report.ts";
import { operatorTable } from "./profile.ts";
import { type Row, type SuiteResult, tableOf } from "./suite.ts";

const row: Row = {
  name: "1 stream",
  precision: "int8",
  rtf: 1.49,
  ratio: 20.8,
  firstAudioMs: null,
  msPerFrame: { generate: 86.04 },
};
const machine: SuiteResult["machine"] = {
  program: "1.0.0",
  node: "v20.20.2",
  onnxruntime: "1.30.0",
  platform: "linux x64",
  processor: "AMD <EPYC>",
  cores: 2,
  memory_bytes: 8e9,
};
const result: SuiteResult = { suite: "generate", rows: [row], machine };

describe("a result", () => {
  it("is a table, with nothing where there is nothing", () => {
    expect(tableOf(result).split("\n").slice(2)).toEqual([
      "| generate | precision | RTF | ratio | first audio, ms | generate, ms |",
      "| --- | --- | ---: | ---: | ---: | ---: |",
      "| 1 stream | int8 | 1.49 | 20.8 |  | 86 |",
      "",
    ]);
  });

  it("is a page with a plot of each quantity that there is, which loads nothing", () => {
    const page = htmlReport(result);

    expect(page.match(/<h2>[^<]+/g)).toEqual(["<h2>RTF", "<h2>ratio", "<h2>generate, ms"]);
    expect(page).toContain("1 stream, int8");
    expect(page).toContain("AMD &#60;EPYC&#62;");
    expect(page).not.toMatch(/src=|href=|url\(|@import/);
  });
});

describe("two checkouts", () => {
  const table = (first: string, rtf: string) =>
    `a machine\n\n| 0.6b | | × reference |\n| --- | ---: | ---: |\n` +
    `| first sound, one listener | ${first} | 96 |\n| RTF, one listener | ${rtf} for 16.0 s |  |\n`;

  it("are compared by what both print, whatever unit it is in", () => {
    expect([...readTable(table("1.50 s", "1.60"))]).toEqual([
      ["first sound, one listener", 1500],
      ["RTF, one listener", 1.6],
    ]);
  });

  it("have ratios of runs that follow each other, their median and their spread", () => {
    const round = (own: [string, string], other: [string, string]) => ({
      own: readTable(table(...own)),
      other: readTable(table(...other)),
    });
    const comparisons = compare([
      round(["500 ms", "1.00"], ["1.00 s", "2.00"]),
      round(["900 ms", "1.00"], ["1.00 s", "1.00"]),
      round(["1.00 s", "3.00"], ["1.00 s", "2.00"]),
    ]);

    expect(comparisonTable(comparisons, "../before").split("\n").slice(2)).toEqual([
      "| first sound, one listener | 0.9 | 0.5 to 1 |",
      "| RTF, one listener | 1 | 0.5 to 1.5 |",
      "",
    ]);
  });
});

it("a profile is told by operator, without what only holds others", () => {
  const node = (op_name: string, dur: number) => ({ cat: "Node", dur, args: { op_name } });
  const events = [
    node("MatMul", 2000),
    node("Loop", 9000),
    node("Conv", 5000),
    node("MatMul", 1000),
    { cat: "Session", dur: 7000 },
  ];

  expect(operatorTable("codec.onnx", events).split("\n").slice(3)).toEqual([
    "| Conv | 5 | 62.5 % |",
    "| MatMul | 3 | 37.5 % |",
    "",
  ]);
  expect(operatorTable("codec.onnx", [])).toBe("");
});
