import type { Check } from "./check.ts";
import { compareLists } from "./difference.ts";
import type { Speech } from "./greedy-speech.ts";
import type { PreparedCase } from "./prepared-case.ts";

/** What is required of the codes a model says. Owns the probes it asks. */
export interface SpeechChecks {
  ofCase(prepared: PreparedCase): AsyncIterable<Check>;
  /** After each of the cases. */
  ofAll(cases: readonly PreparedCase[]): AsyncIterable<Check>;
  close(): Promise<void>;
}

/** The codes must be the reference's, every one, and end the way they do. */
export function speechCheck(what: string, { reference, codes, finish }: Speech): Check {
  const codebooks = reference.codes[0]?.length ?? 1;
  const stop = finish === "stop" ? "eos" : finish;
  const { total, alike, first } = compareLists(codes, reference.codes.flat());
  const difference = first
    ? `, code ${first.index % codebooks} of frame ${Math.floor(first.index / codebooks)} is ${first.actual} instead of ${first.expected}`
    : "";
  return {
    name: `${reference.name}: ${what}`,
    status: first || stop !== reference.stop ? "failed" : "passed",
    measured: `${alike} of ${total} codes, ${stop}${difference}`,
    bound: `identical, ${reference.stop}`,
  };
}
