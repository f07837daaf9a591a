import { writeFileSync } from "node:fs";
import type { Precision } from "../../../origin/model/generate/precision.ts";
import { describeMachine } from "../../../origin/process/machine.ts";
import { htmlReport } from "./html-report.ts";

/** What was measured of one way to do something; null where it does not apply. */
export interface Row {
  name: string;
  precision: Precision | null;
  /** Seconds that a second of sound takes. */
  rtf: number | null;
  /** Of the milliseconds, to those of the reference work, or of what the suite compares with. */
  ratio: number | null;
  firstAudioMs: number | null;
  /** Milliseconds for 80 ms of sound, by what they go to; for the edge, for a request. */
  msPerFrame: Record<string, number>;
}

export interface SuiteResult {
  suite: string;
  rows: Row[];
  machine: ReturnType<typeof describeMachine>;
}

/** Where results go beside standard output. */
export interface ResultFiles {
  json?: string | undefined;
  html?: string | undefined;
}

/** Prints rows as a Markdown table, and writes the files that are asked for. */
export function tellResult(suite: string, rows: Row[], { json, html }: ResultFiles): void {
  const result: SuiteResult = { suite, rows, machine: describeMachine() };
  process.stdout.write(tableOf(result));
  if (json) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  if (html) writeFileSync(html, htmlReport(result));
}

export function tableOf({ suite, rows, machine }: SuiteResult): string {
  const parts = [...new Set(rows.flatMap(({ msPerFrame }) => Object.keys(msPerFrame)))];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const head = [suite, "precision", "RTF", "ratio", "first audio, ms", ...parts.map(inMs)];
  const { processor, cores, node, onnxruntime } = machine;
  return [
    `${processor}, ${cores} cores, Node ${node}, ONNX Runtime ${onnxruntime}\n\n`,
    line(head),
    line(head.map((_, index) => (index < 2 ? "---" : "---:"))),
    ...rows.map(({ name, precision, rtf, ratio, firstAudioMs, msPerFrame }) =>
      line([
        name,
        precision ?? "",
        ...[rtf, ratio, firstAudioMs, ...parts.map((part) => msPerFrame[part])].map(inDigits),
      ]),
    ),
  ].join("");
}

const inMs = (part: string) => `${part}, ms`;

/** To three digits; empty where there is nothing. */
export function inDigits(value: number | null | undefined): string {
  if (value == null) return "";
  return value < 100 ? String(Number(value.toPrecision(3))) : value.toFixed(0);
}
