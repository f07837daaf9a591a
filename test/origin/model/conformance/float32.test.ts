import { beforeAll, describe, expect, test } from "vitest";
import type { Check } from "../../../../origin/model/conformance/check.ts";
import { readReferenceSet } from "../../../../origin/model/conformance/reference-set.ts";
import { formatCheck, summarize } from "../../../../origin/model/conformance/report.ts";
import { conformanceOf, failuresOf, partOf } from "../../../support/conformance.ts";
import { nano, pico } from "../../../support/golden-cases.ts";

const waveforms = [
  "waveform in one call",
  "waveform frame by frame",
  "waveform 3 frames at a time",
  "waveform 7 frames at a time",
  "waveform in mixed chunks",
];

function checksOfCase(batch: number, goesOn = false): string[] {
  return [
    "ids of the text",
    "ids of the instruction",
    ...(goesOn ? ["ids of what was said before"] : []),
    "length of the prompt",
    "vectors of the prompt",
    "hidden vector after the prompt",
    "logits after the prompt",
    ...[1, 2, 3, 7].map((frames) => `codes in chunks of ${frames}`),
    ...waveforms,
    ...[1, 3, 7].map((frames) => `codes in a batch of ${batch} in chunks of ${frames}`),
  ];
}

/** What was compared of one case or checkpoint. */
function namesOf(checks: readonly Check[], subject: string): string[] {
  const prefix = `${subject}: `;
  return checks
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length));
}

describe("pico in float32", () => {
  let checks: Check[];
  beforeAll(async () => {
    checks = await conformanceOf(readReferenceSet(pico.directory), "float32");
  });

  test("says what the official code says", () => {
    expect(failuresOf(checks)).toEqual([]);
    expect(summarize(checks)).toBe("226 passed, 0 failed");
  });

  test.each([
    ["00-pico-0.6b-custom-voice", 3],
    ["02-pico-0.6b-custom-voice", 3],
    ["05-pico-1.7b-custom-voice", 3],
    ["07-pico-1.7b-voice-design", 2],
    ["08-pico-0.6b-base", 3],
    ["09-pico-0.6b-base", 3, true],
    ["10-pico-0.6b-base", 3, true],
  ])("is compared in every way in %s", (name, batch, goesOn = false) => {
    expect(namesOf(checks, name)).toEqual(checksOfCase(batch, goesOn));
  });

  test.each(["0.6b-base", "0.6b-custom-voice", "1.7b-custom-voice", "1.7b-voice-design"])(
    "is compared as a tokenizer and a codec in %s",
    (name) => {
      expect(namesOf(checks, `pico-${name}`)).toEqual([
        "ids of the tokenizer",
        ...waveforms.map((waveform) => `codec alone: ${waveform}`),
        ...(name === "0.6b-base"
          ? ["encoders: speaker embedding", "encoders: codes of the recording"]
          : []),
      ]);
    },
  );

  test("is printed with what was measured and what was required", () => {
    const lines = checks.map(formatCheck);

    expect(lines).toEqual(
      expect.arrayContaining([
        "ok      pico-0.6b-base: ids of the tokenizer: 32 of 32 texts (identical)",
        "ok      02-pico-0.6b-custom-voice: length of the prompt: 32 (exactly 32)",
        "ok      02-pico-0.6b-custom-voice: codes in chunks of 2: 368 of 368 codes, length (identical, length)",
        "ok      pico-0.6b-base: encoders: codes of the recording: 288 of 288 codes (identical)",
        expect.stringMatching(
          /^ok {6}pico-0\.6b-base: encoders: speaker embedding: \d\.\de-\d \(at most 1e-4\)$/,
        ),
        expect.stringMatching(
          /^ok {6}03-pico-1\.7b-custom-voice: logits after the prompt: \d\.\de-\d \(at most 1e-4\)$/,
        ),
      ]),
    );
  });
});

// The other checkpoints of nano are smaller than these, or differ from them in their weights alone.
test("nano says in float32 what the official code says", async (context) => {
  if (!nano.present) return context.skip("the nano checkpoints are not on this machine");
  const set = partOf(readReferenceSet(nano.directory), [
    "nano-0.6b-base",
    "nano-1.7b-custom-voice",
  ]);

  const checks = await conformanceOf(set, "float32");

  expect(failuresOf(checks)).toEqual([]);
  expect(summarize(checks)).toBe("124 passed, 0 failed");
});
