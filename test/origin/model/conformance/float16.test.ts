import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { relativeError } from "../../../../origin/model/conformance/difference.ts";
import { rangeCheck } from "../../../../origin/model/conformance/magnitudes.ts";
import { prepareCase } from "../../../../origin/model/conformance/prepared-case.ts";
import { openProbe } from "../../../../origin/model/conformance/probe.ts";
import { readReferenceSet } from "../../../../origin/model/conformance/reference-set.ts";
import { summarize } from "../../../../origin/model/conformance/report.ts";
import { maxFloat16 } from "../../../../origin/model/float16.ts";
import { buildPack } from "../../../../origin/model/pack/build-pack.ts";
import { openPack } from "../../../../origin/model/pack/open-pack.ts";
import { conformanceOf, failuresOf, partOf } from "../../../support/conformance.ts";
import { pico } from "../../../support/golden-cases.ts";
import { scaledCheckpoint } from "../../../support/scaled-checkpoint.ts";

const name = "pico-1.7b-custom-voice";
const set = partOf(readReferenceSet(pico.directory), [name]);
const reference = set.cases.find((one) => one.name === `05-${name}`);
if (!reference) throw new Error("pico has no such case");

test("float16 chooses nearly as float32 does, and stays within its range", async () => {
  const checks = await conformanceOf({ ...set, cases: [reference] }, "float16");

  expect(failuresOf(checks)).toEqual([]);
  expect(summarize(checks)).toBe("33 passed, 0 failed");
  expect(checks.find((check) => check.name === `${name}: range of float16`)).toMatchObject({
    measured: expect.stringMatching(/^\d{3} values up to \d\.\d\d, in loop\/\S+$/),
    bound: "at most 16376",
  });
});

test("a model whose numbers outgrow float16 is computed in it all the same", async () => {
  const checkpoint = scaledCheckpoint(set.checkpoints.get(name) ?? "", [
    [/mlp\.(gate|up)_proj\.weight$/, 7],
    [/mlp\.down_proj\.weight$/, 1],
  ]);
  const directory = mkdtempSync(join(tmpdir(), "float16-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const folder = await buildPack({
    folder: checkpoint,
    precision: "float16",
    modelsDirectory: directory,
    selfTest: false,
  });
  const pack = await openPack(folder, { threads: 1 });
  const options = { checkpoint, directory, threads: 1, pad: pack.embedder.pad };
  const half = await openProbe({ ...options, precision: "float16", measures: true });
  const exact = await openProbe({ ...options, precision: "float32" });
  const { prompt } = await prepareCase(pack, reference, set.audio);

  const thoughts = await half.say(prompt, reference.codes);
  const exactThoughts = await exact.say(prompt, reference.codes);

  const largest = (part: RegExp, type: "float16" | "float32") => {
    const fitting = half.magnitudes.filter((of) => part.test(of.name) && of.type === type);
    return Math.max(...fitting.map((of) => of.largest));
  };
  for (const decoder of ["talker", String.raw`code\.\d+`]) {
    // The product of gate and up, and the residual stream.
    expect(largest(new RegExp(`/${decoder}/.*/Mul`), "float32")).toBeGreaterThan(3 * maxFloat16);
    const sum = new RegExp(`/${decoder}/(.*/)?(Add|SkipSimplifiedLayerNormalization)`);
    expect(largest(sum, "float32")).toBeGreaterThan(4 * maxFloat16);
    expect(largest(new RegExp(`/${decoder}/`), "float16")).toBeGreaterThan(5000);
  }
  expect(rangeCheck(name, half.magnitudes)).toMatchObject({ status: "passed" });
  const errors = thoughts.flatMap(({ choices }, frame) =>
    choices.map(({ logits }, codebook) =>
      relativeError(logits, exactThoughts[frame]?.choices[codebook]?.logits ?? new Float32Array()),
    ),
  );
  expect(errors.length).toBe(16 * reference.codes.length);
  expect(Math.max(...errors)).toBeLessThan(0.02);
  for (const { close } of [half, exact, pack]) await close();
});
