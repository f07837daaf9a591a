import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runSelfTest } from "../../../../origin/engine/qwen3/self-test/self-test.ts";
import { findProblem } from "../../../../origin/engine/qwen3/self-test/self-test-problem.ts";
import { buildPack, type SelfTest } from "../../../../origin/model/pack/build-pack.ts";
import { installedPacks, servedPacks } from "../../../../origin/model/pack/installed-packs.ts";
import { PackError, packDigest, readManifest } from "../../../../origin/model/pack/manifest.ts";
import { openPack } from "../../../../origin/model/pack/open-pack.ts";
import { verifyPack } from "../../../../origin/model/pack/verify-pack.ts";
import { possibleShares, sharesOf } from "../../../../origin/model/parts/thread-shares.ts";
import { threadsCanYield } from "../../../../origin/process/yielding-threads.ts";
import { writeCheckpoint } from "../../../bench/checkpoint/write-checkpoint.ts";

const name = "qwen3-tts-12hz-0.6b-custom-voice.int8";
let directory: string;
let models: string;

function build(meanFrames: number, selfTest: SelfTest | false = runSelfTest): Promise<string> {
  const folder = join(directory, `checkpoint-${meanFrames}`);
  writeCheckpoint(folder, { size: "tiny", kind: "custom_voice", seed: 1, meanFrames });
  return buildPack({
    folder,
    precision: "int8",
    modelsDirectory: models,
    selfTest,
  });
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "self-test-"));
  models = join(directory, "models");
});

afterAll(() => rmSync(directory, { recursive: true }));

it("a pack that speaks and ends is served, and its manifest says how it spoke", async () => {
  const folder = await build(25);

  const { self_test: record } = readManifest(folder);
  expect(record).toMatchObject({ problem: null, onnxruntime: "1.30.0" });
  expect(record?.loading?.seconds).toBeGreaterThan(0);
  expect(record?.loading?.resident_bytes).toBeGreaterThan(50e6);
  expect(record?.peak_resident_bytes).toBeGreaterThan(record?.loading?.resident_bytes ?? 0);
  expect(record?.speaking_resident_bytes).toBeGreaterThan(record?.loading?.resident_bytes ?? 0);
  expect(record?.speaking_resident_bytes).toBeLessThanOrEqual(record?.peak_resident_bytes ?? 0);
  expect(record?.milliseconds_per_frame).toBeGreaterThan(0);
  // One of those that there are with so many threads, and none where there is one.
  expect(possibleShares(record?.threads ?? 0)).toContainEqual(
    record?.thread_shares ?? { generate: 1, codec: 1 },
  );
  const leading = Object.entries(record?.leading_silent_frames ?? {});
  expect(leading.map(([speaker]) => speaker)).toContain("ryan");
  // What it speaks is noise from the beginning, as far as that can be heard.
  for (const [, frames] of leading) expect(frames).toBeLessThanOrEqual(1);
  expect(record?.sentences.map(({ language }) => language)).toEqual([
    "english",
    "chinese",
    "german",
    "japanese",
    "spanish",
  ]);
  for (const { frames, finish, peak, rms, non_finite } of record?.sentences ?? []) {
    expect({ finish, non_finite }).toEqual({ finish: "stop", non_finite: 0 });
    expect(Number.isInteger(frames)).toBe(true);
    expect(peak).toBeLessThanOrEqual(1);
    expect(rms).toBeGreaterThan(0.02);
    expect(rms).toBeLessThan(0.2);
  }
  expect(servedPacks(installedPacks(models), "cpu").map((pack) => pack.folder)).toEqual([folder]);
});

it("the threads that it spoke the fastest with are those of its parts, on such a machine with as many", async () => {
  const { self_test: record } = readManifest(join(models, name));
  if (!record) throw new Error("it was tested");
  const found = { generate: 7, codec: 5 };
  const test = { ...record, threads: 12, thread_shares: found };
  expect(sharesOf(12, test)).toEqual(found);
  const likeliest = { generate: threadsCanYield ? 12 : 6, codec: 6 };
  expect(sharesOf(12, { ...test, processor: "another" })).toEqual(likeliest);
  expect(sharesOf(12, undefined)).toEqual(likeliest);
  expect(sharesOf(5, test)).toEqual({ generate: threadsCanYield ? 5 : 3, codec: 2 });
  expect(sharesOf(1, undefined)).toEqual({ generate: 1, codec: 1 });
});

it("one that does not end its sentences is kept and not served, and the one before it stays", async () => {
  await expect(build(1e9)).rejects.toThrow(
    /\.failed.pack\.json: the pack failed its self-test: its english sentence does not end: it was cut after \d+ frames, 2 times\. /,
  );

  expect(readdirSync(models)).toEqual([name, `${name}.failed`]);
  expect(servedPacks(installedPacks(models), "cpu").map((pack) => pack.folder)).toEqual([
    join(models, name),
  ]);
  const opening = openPack(join(models, `${name}.failed`), { threads: 1 });
  await expect(opening).rejects.toThrow(PackError);
});

it("what was measured does not change the pack's digest, and a build that works clears a failed one away", async () => {
  const tested = packDigest(readManifest(join(models, name)));

  const untested = readManifest(await build(25, false));

  expect(untested.self_test).toBeUndefined();
  expect(packDigest(untested)).toBe(tested);
  expect(readdirSync(models)).toEqual([name]);
});

it("says why a pack cannot even be loaded", async () => {
  const { problem, loading, sentences } = await runSelfTest(directory);
  expect(problem).toContain("pack.json cannot be read");
  expect({ loading, sentences }).toEqual({ loading: null, sentences: [] });
});

describe("finds that a sentence", () => {
  const good = {
    language: "korean",
    attempts: 1,
    frames: 30,
    finish: "stop",
    peak: 0.5,
    rms: 0.1,
    non_finite: 0,
  } as const;

  it.each([
    [{ non_finite: 3 }, "3 samples of its korean sentence are no numbers"],
    [{ frames: 0, rms: 0 }, "its korean sentence ends before it begins"],
    [{ rms: 1e-4 }, "its korean sentence is silent: its RMS level is 0.00010"],
    [{ rms: 0.9 }, "its korean sentence is noise: its RMS level is 0.90"],
    [
      { finish: "length", attempts: 2 },
      "its korean sentence does not end: it was cut after 30 frames, 2 times",
    ],
  ] as const)("of %j is a problem", (change, problem) => {
    expect(findProblem([good, { ...good, ...change }], true)).toBe(problem);
  });

  it("that is sound is none, and neither is a missing end where none can be asked", () => {
    expect(findProblem([good], true)).toBeNull();
    expect(findProblem([{ ...good, finish: "length" }], false)).toBeNull();
  });
});

it("a file that was found whole is read again once it was touched, and not before", async () => {
  const folder = join(models, name);
  const path = join(folder, "merges.txt");
  const touch = (year: string) => utimesSync(path, new Date(year), new Date(year));
  const verify = () => verifyPack(folder, readManifest(folder));
  touch("2020");
  await verify();

  const bytes = readFileSync(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  touch("2020");
  await verify();

  touch("2021");
  await expect(verify()).rejects.toThrow("merges.txt does not have the content it was built with");
});

describe("a model that clones", () => {
  const options = { precision: "int8", selfTest: runSelfTest } as const;

  function writeBase(): string {
    const folder = mkdtempSync(join(directory, "base-"));
    writeCheckpoint(folder, { size: "tiny", kind: "base", seed: 1, meanFrames: 25 });
    return folder;
  }

  it("is spoken with in the voice that its encoders hear in a sound", async () => {
    const pack = await buildPack({ ...options, folder: writeBase(), modelsDirectory: models });

    const { self_test: record } = readManifest(pack);
    expect(record).toMatchObject({ problem: null });
    expect(record?.sentences).toHaveLength(5);
    for (const { frames, rms } of record?.sentences ?? []) {
      expect(frames).toBeGreaterThan(0);
      expect(rms).toBeGreaterThan(0.001);
    }
  });

  it("is not served when its encoders hear nothing that could be a voice", async () => {
    const folder = writeBase();
    const path = join(folder, "model.safetensors");
    const bytes = readFileSync(path);
    const start = 8 + Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, start).toString());
    const [from] = header["speaker_encoder.fc.bias"].data_offsets;
    // The bits of a number that is none.
    bytes.writeUInt16LE(0x7fc0, start + from);
    writeFileSync(path, bytes);

    const building = buildPack({ ...options, folder, modelsDirectory: models });

    await expect(building).rejects.toThrow(
      "the pack failed its self-test: number 0 of an encoded voice is NaN",
    );
  });
});
