import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Check } from "../../../../origin/model/conformance/check.ts";
import { prepareCase } from "../../../../origin/model/conformance/prepared-case.ts";
import { openProbe, type Probe } from "../../../../origin/model/conformance/probe.ts";
import { quantizedSpeechChecks } from "../../../../origin/model/conformance/quantized-speech.ts";
import {
  type ReferenceCase,
  readReferenceSet,
} from "../../../../origin/model/conformance/reference-set.ts";
import { summarize } from "../../../../origin/model/conformance/report.ts";
import { buildPack } from "../../../../origin/model/pack/build-pack.ts";
import { type LoadedPack, openPack } from "../../../../origin/model/pack/open-pack.ts";
import { conformanceOf, failuresOf, partOf } from "../../../support/conformance.ts";
import { pico } from "../../../support/golden-cases.ts";

const name = "pico-1.7b-custom-voice";
const set = partOf(readReferenceSet(pico.directory), [name]);
const [reference] = set.cases;
if (!reference) throw new Error("pico has no cases");
const choices = Array.from(
  { length: 16 },
  (_, code) => `${name}: choices of code ${code} by the ${code === 0 ? "talker" : "predictor"}`,
);

test("int8 chooses nearly as float32 does", async () => {
  const checks = await conformanceOf({ ...set, cases: [reference] }, "int8");

  expect(summarize(checks)).toBe("32 passed, 0 failed");
  expect(checks.map((check) => check.name)).toEqual(expect.arrayContaining(choices));
  expect(checks.find((check) => check.name === choices[0])).toMatchObject({
    measured: expect.stringMatching(/^top-1 \d+ of 11, logits error 0\.0\d\d$/),
    bound: "at least 10, at most 0.03",
  });
  expect(checks.find(({ status }) => status === "reported")?.name).toBe(
    `${reference.name}: own codes`,
  );
});

describe("an int8 model fails", () => {
  const directory = mkdtempSync(join(tmpdir(), "quantized-test-"));
  const probes: Record<string, Probe> = {};
  let pack: LoadedPack;
  beforeAll(async () => {
    const checkpoint = set.checkpoints.get(name) ?? "";
    const options = { precision: "int8", modelsDirectory: directory, selfTest: false } as const;
    pack = await openPack(await buildPack({ ...options, folder: checkpoint }), { threads: 1 });
    for (const precision of ["float32", "int8", "int4-all"] as const) {
      const { pad } = pack.embedder;
      probes[precision] = await openProbe({ checkpoint, precision, directory, threads: 1, pad });
    }
  });
  afterAll(async () => {
    for (const { close } of [pack, ...Object.values(probes)]) await close();
    rmSync(directory, { recursive: true });
  });

  async function failuresWith(golden: ReferenceCase, precision: "int8" | "int4-all") {
    const { float32: exact, [precision]: quantized } = probes;
    if (!exact || !quantized) throw new Error("there are no probes");
    const speech = quantizedSpeechChecks({ name, pack, precision: "int8", exact, quantized });
    const checks: Check[] = [];
    for await (const check of speech.ofCase(await prepareCase(pack, golden, set.audio)))
      checks.push(check);
    for await (const check of speech.ofAll([])) checks.push(check);
    return failuresOf(checks);
  }

  test("nowhere when it is one", async () => {
    expect(await failuresWith(reference, "int8")).toEqual([]);
  });

  test("when its logits are further off, and when it says what it would not choose", async () => {
    expect(await failuresWith(reference, "int4-all")).toEqual([
      `${reference.name}: own codes are the likeliest`,
      ...choices,
    ]);
  });

  test("when other codes are the likeliest", async () => {
    const codes = reference.codes.map((frame) => frame.map((code) => (code + 1) % 64));

    expect(await failuresWith({ ...reference, codes }, "int8")).toEqual(choices);
  });
});
