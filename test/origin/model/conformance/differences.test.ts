// That a comparison fails where there is a difference, and nowhere else.
import { beforeAll, expect, test } from "vitest";
import type { Check } from "../../../../origin/model/conformance/check.ts";
import {
  type ReferenceCase,
  readReferenceSet,
} from "../../../../origin/model/conformance/reference-set.ts";
import { conformanceOf, failuresOf, partOf } from "../../../support/conformance.ts";
import { pico } from "../../../support/golden-cases.ts";

const checkpoint = "pico-0.6b-custom-voice";
const [first, second, third] = ["00", "01", "02"].map((number) => `${number}-${checkpoint}`);

/** A tensor with one element moved by a part of the largest. */
function nudged(tensor: Float32Array, part: number): Float32Array {
  const largest = tensor.reduce((most, element) => Math.max(most, Math.abs(element)), 0);
  return tensor.with(3, (tensor[3] ?? 0) + part * largest);
}

function changed(reference: ReferenceCase): ReferenceCase {
  const { codes, prompt, wave } = reference;
  switch (reference.name) {
    case first: {
      const flipped = codes[4]?.with(5, (codes[4][5] ?? 0) ^ 1) ?? [];
      return { ...reference, codes: codes.with(4, flipped), prompt: nudged(prompt, 5e-5) };
    }
    case second:
      return {
        ...reference,
        input_ids: reference.input_ids.with(5, 7),
        instruct_ids: [7],
        prompt_length: reference.prompt_length + 1,
        prompt: nudged(prompt, 2e-4),
        prefillHidden: nudged(reference.prefillHidden, 2e-4),
        prefillLogits: nudged(reference.prefillLogits, 2e-4),
        wave: nudged(wave, 5e-4),
      };
    default:
      return { ...reference, stop: "eos", wave: wave.subarray(1) };
  }
}

let checks: Check[];
beforeAll(async () => {
  const set = readReferenceSet(pico.directory);
  const part = partOf(set, [checkpoint], changed);
  const [text, ...texts] = set.tokenizer;
  const tokenizer = [{ text: text?.text ?? "", ids: [7] }, ...texts];
  const codec = { ...set.codec, wave: set.codec.wave.with(100, Number.NaN) };
  checks = await conformanceOf({ ...part, tokenizer, codec }, "float32");
});

const waveforms = [
  "waveform in one call",
  "waveform frame by frame",
  "waveform 3 frames at a time",
  "waveform 7 frames at a time",
  "waveform in mixed chunks",
];
const chunks = [1, 2, 3, 7].map((frames) => `codes in chunks of ${frames}`);

test("every difference fails, and nothing else", () => {
  const failing = (subject: string | undefined, names: readonly string[]) =>
    names.map((name) => `${subject}: ${name}`);

  expect(failuresOf(checks)).toEqual([
    `${checkpoint}: ids of the tokenizer`,
    ...failing(`${checkpoint}: codec alone`, waveforms),
    ...failing(first, [...chunks, ...waveforms]),
    ...failing(second, [
      "ids of the text",
      "ids of the instruction",
      "length of the prompt",
      "vectors of the prompt",
      "hidden vector after the prompt",
      "logits after the prompt",
      ...waveforms,
    ]),
    ...failing(third, [...chunks, ...waveforms]),
    ...[1, 3, 7].flatMap((frames) =>
      [first, third].map((name) => `${name}: codes in a batch of 3 in chunks of ${frames}`),
    ),
  ]);
});

test.each([
  [
    `${checkpoint}: ids of the tokenizer`,
    /^31 of 32 texts, "hello world" is 274,279 instead of 7$/,
  ],
  [`${checkpoint}: codec alone: waveform in one call`, /^Infinity$/],
  [`${first}: vectors of the prompt`, /^5\.0e-5$/],
  [`${second}: ids of the text`, /^30 of 31 ids, number 5 is 32 instead of 7$/],
  [`${second}: ids of the instruction`, /^0 of 1 ids, number 0 is missing instead of 7$/],
  [`${second}: length of the prompt`, /^9$/],
  [`${second}: vectors of the prompt`, /^2\.0e-4$/],
  [
    `${first}: codes in chunks of 3`,
    /^175 of 176 codes, eos, code 5 of frame 4 is \d+ instead of \d+$/,
  ],
  [`${third}: codes in chunks of 3`, /^368 of 368 codes, length$/],
  [`${third}: waveform in one call`, /^44160 numbers$/],
])("%s measures %s", (name, measured) => {
  expect(checks.find((check) => check.name === name)?.measured).toMatch(measured);
});
