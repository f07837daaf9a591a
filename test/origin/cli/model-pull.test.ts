import { execFile } from "node:child_process";
import { closeSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hubCommit, readFolder, startHub, type TestHub } from "../../support/hub.ts";
import { slowly, stallAfter } from "../../support/hub-faults.ts";
import { picoCheckpoint } from "../../support/packs.ts";
import { runProgram } from "../../support/run-program.ts";
import { missingPrograms } from "../../support/shell.ts";
import { mountSmallDisk } from "../../support/small-disk.ts";

const id = "team/pico";
const files = readFolder(picoCheckpoint("0.6b-custom-voice"));
const weights = "model.safetensors";
const downloadOnly = ["pull", id, "--no-build"];

let hub: TestHub;
let directory: string;
let checkpoint: string;

beforeEach(async () => {
  hub = await startHub(id, files);
  directory = await mkdtemp(join(tmpdir(), "pull-"));
  checkpoint = join(directory, ".checkpoints", "team--pico", hubCommit);
});

afterEach(async () => {
  await hub.close();
  await rm(directory, { recursive: true });
});

function start(args: string[], environment: Record<string, string> = {}) {
  return runProgram("origin/cli/model.ts", {
    arguments: args,
    environment: { MODELS_DIR: directory, HF_ENDPOINT: hub.url, ...environment },
  });
}

const model = (args: string[], environment?: Record<string, string>) =>
  start(args, environment).finished;

it("downloads and builds a pack that speaks, and knows it the next time without the hub", async () => {
  // Weights that are random fail the self-test.
  const options = ["--precision", "float32", "--no-self-test"];
  const args = ["pull", id, "--revision", hubCommit, ...options];
  const pack = join(directory, "qwen3-tts-12hz-0.6b-custom-voice.float32");
  const first = await model(args);
  expect(first.stdout.toString(), first.stderr).toBe(`${pack}\n`);
  expect(first.code).toBe(0);
  const lines = first.stderr.split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "Downloading 8 files, 589 kB",
    "config.json  4.7 kB",
    "generation_config.json  245 bytes",
  ]);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^\d\d % {2}speech_tokenizer\/model\.safetensors {2}[\d.]+ [kM]B\/s, 0:\d\d left$/,
    ),
  );
  expect(lines.at(-2)).toBe(
    `The checkpoint, 589 kB in ${checkpoint}, is kept for other builds; the pack works without it.`,
  );

  await hub.close();
  const second = await model(args);
  expect(second.stdout.toString()).toBe(`${pack}\n`);
  expect(second.stderr).toBe(
    "Nothing to download: every file is there.\n" +
      `The pack is there. To build it anew: npm run model -- build ${checkpoint} --precision float32\n`,
  );

  const list = await model(["list"]);
  expect(list.stdout.toString()).toMatch(
    /^qwen3-tts-12hz-0\.6b-custom-voice {2}float32 {2}\d+ MB {2}built \S+, without self-test, from \S+\n$/,
  );
  const speech = join(directory, "hello.wav");
  const speak = runProgram("origin/cli/speak.ts", {
    arguments: ["Hello", "--out", speech],
    environment: { MODELS_DIR: directory, ENGINE: "qwen3" },
  });
  expect((await speak.finished).stderr).toMatch(/^qwen3: /);
  expect(statSync(speech).size).toBeGreaterThan(1000);
});

it("lets nobody else in, keeps what has arrived when it is interrupted, and goes on from there", async () => {
  hub.fail(weights, stallAfter(100_000));
  const first = start(downloadOnly);
  const part = join(checkpoint, `${weights}.part`);
  const arrived = () => statSync(part, { throwIfNoEntry: false })?.size;
  await expect.poll(arrived).toBe(100_000);

  const second = await model(downloadOnly);
  expect(second.stderr).toMatch(
    new RegExp(
      `^Another pull of ${id} is under way: process ${first.child.pid} on \\S+ since \\S+Z\\. `,
    ),
  );
  expect(second.code).toBe(1);

  first.child.kill("SIGINT");
  const interrupted = await first.finished;
  expect(interrupted.stderr).toMatch(
    /\nInterrupted\. What has arrived is kept: the same command goes on from there\.\n$/,
  );
  expect(interrupted.code).toBe(130);

  const third = await model(downloadOnly);
  expect(third.stdout.toString(), third.stderr).toBe(`${checkpoint}\n`);
  expect(third.stderr).toMatch(
    /^Downloading 1 file, 251 kB\nmodel\.safetensors goes on from 100 kB\n/,
  );
  expect(hub.requestsFor(weights).map(({ headers }) => headers.range)).toEqual([
    undefined,
    "bytes=100000-",
  ]);
  const downloaded = await readFile(join(checkpoint, weights));
  expect(downloaded.equals(files[weights] ?? Buffer.of())).toBe(true);
  expect(readdirSync(directory)).toEqual([".checkpoints"]);
  expect(readdirSync(join(directory, ".checkpoints"))).toEqual(["team--pico"]);
});

it("says that the disk is full, and keeps what has arrived", async ({ skip }) => {
  const disk = mountSmallDisk(2048);
  if (!disk) return skip("this user may not mount a small disk");
  try {
    hub.fail(weights, ({ send }) => {
      fillDisk(join(disk.directory, "filler"));
      send();
    });
    const { code, stderr } = await model(downloadOnly, { MODELS_DIR: disk.directory });
    expect(stderr.split("\n").at(-2)).toBe(
      `The disk of ${disk.directory} is full. What has arrived is kept: free some and give the same command, or set MODELS_DIR to another one`,
    );
    expect(code).toBe(1);
    expect(readdirSync(join(disk.directory, ".checkpoints", "team--pico", hubCommit))).toContain(
      `${weights}.part`,
    );
  } finally {
    disk.remove();
  }
});

/** Writes until there is no room. */
function fillDisk(path: string): void {
  const file = openSync(path, "w");
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch (cause) {
    expect((cause as NodeJS.ErrnoException).code).toBe("ENOSPC");
  } finally {
    closeSync(file);
  }
}

it("redraws one line on a terminal", async ({ skip }) => {
  if (missingPrograms("script").length > 0) return skip("there is no `script` to make a terminal");
  hub.fail(weights, slowly(8, 150));
  const program = `${process.execPath} origin/run.mjs origin/cli/model.ts ${downloadOnly.join(" ")}`;
  const { stdout } = await promisify(execFile)("script", ["-qec", program, "/dev/null"], {
    env: { ...process.env, MODELS_DIR: directory, HF_ENDPOINT: hub.url },
  });
  const drawn = stdout.split("\r\u001b[K").filter((text) => text.includes(`  ${weights}  `));
  const line = /^\[#+\.*\] \d+ % {2}model\.safetensors {2}[\d.]+ [kM]?B\/s, 0:\d\d left$/;
  expect(drawn.filter((text) => line.test(text)).length, stdout).toBeGreaterThan(2);
  expect(stdout).toContain("\r\u001b[Kmodel.safetensors  251 kB\r\n");
});
