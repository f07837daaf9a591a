import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { picoCheckpoint, type TemporaryModels, temporaryModels } from "../support/packs.ts";
import { runProgram } from "../support/run-program.ts";
import { askForFrames, postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let models: TemporaryModels;
let system: TestSystem;

beforeAll(async () => {
  models = temporaryModels();
  await models.build("0.6b-custom-voice");
  system = await startSystem({ MODELS_DIR: models.directory });
});

afterAll(async () => {
  await system.close();
  models.remove();
});

it.skipIf(!hasFfmpeg)(
  withFfmpeg("an installed model speaks through edge and origin, and others are stood in for"),
  async () => {
    const answer = await postSpeech(system.url, {
      input: "hello world",
      seed: 3,
      temperature: 0.8,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-engine")).toBe("qwen3");
    expect(answer.headers.get("x-ignored-fields")).toBeNull();
    const { pcm } = await decode(Buffer.from(await answer.arrayBuffer()));
    const { end } = await askForFrames(system.origin.url, {
      input: "hello world",
      seed: 3,
      temperature: 0.8,
    });
    expect(end).toMatchObject({ engine: "qwen3", seed: 3, samples: end.frames * 1920 });
    expect(end.input_tokens).toBeGreaterThan(0);
    expect(pcm.length).toBeGreaterThanOrEqual(end.samples);

    const other = await postSpeech(system.url, { model: "tts-1-hd" });
    expect(other.headers.get("x-engine")).toBe("builtin");
    await other.arrayBuffer();
  },
);

it("draws the same seed for the same request, and the same sound", async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(() => askForFrames(system.origin.url, { input: "again" })),
  );
  expect(first?.end).toEqual(second?.end);
  const spoken = await askForFrames(system.origin.url, { input: "again", response_format: "wav" });
  expect(spoken.end.seed).toBe(first?.end.seed);
  expect(spoken.end.samples).toBe(first?.end.samples);
});

it("answers 503 for a model that is not installed when no engine may stand in", async () => {
  const strict = await startSystem({ MODELS_DIR: models.directory, ENGINE: "qwen3" });
  try {
    const answer = await postSpeech(strict.url, { model: "tts-1-hd" });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("60");
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(await answer.json()).toMatchObject({
      error: {
        code: "model_not_loaded",
        message: "No engine here speaks qwen3-tts-12hz-1.7b-custom-voice.",
      },
    });
  } finally {
    await strict.close();
  }
});

it("is built and listed on the command line, and named when the origin starts", async () => {
  const environment = { MODELS_DIR: `${models.directory}/cli` };
  const folder = picoCheckpoint("0.6b-custom-voice");
  const run = (...args: string[]) =>
    runProgram("origin/cli/model.ts", { arguments: args, environment });

  const build = run("build", folder, "--precision", "int4", "--no-self-test");
  expect((await build.exited).code).toBe(0);
  expect(build.output()).toContain(
    `${environment.MODELS_DIR}/qwen3-tts-12hz-0.6b-custom-voice.int4`,
  );

  const list = run("list");
  expect((await list.exited).code).toBe(0);
  expect(list.output()).toMatch(
    /^qwen3-tts-12hz-0\.6b-custom-voice {2}int4 {2}\d+ MB {2}built \S+, without self-test, from .*pico-0\.6b-custom-voice\n$/,
  );

  const origin = runProgram("origin/main.ts", {
    environment: { ...environment, ORIGIN_PORT: "0", LOG_LEVEL: "silent" },
  });
  const [line] = await origin.until(/^origin .*$/m);
  expect(line).toMatch(/, engine: qwen3 \(cpu, qwen3-tts-12hz-0\.6b-custom-voice\) and builtin$/);
  origin.child.kill();
  await origin.exited;
});

it("lists what links lead to, and says of each pack whether it is what was built", async () => {
  const directory = `${models.directory}/.linked`;
  const whole = `${models.directory}/qwen3-tts-12hz-0.6b-custom-voice.float32`;
  const damaged = `${models.directory}/.damaged`;
  cpSync(whole, damaged, { recursive: true });
  const path = `${damaged}/codec.data`;
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(1, 0, 1));
  mkdirSync(directory);
  symlinkSync(whole, `${directory}/a`);
  symlinkSync(damaged, `${directory}/b`);
  symlinkSync("nowhere", `${directory}/c`);
  symlinkSync(path, `${directory}/d`);

  const list = runProgram("origin/cli/model.ts", {
    arguments: ["list"],
    environment: { MODELS_DIR: directory },
  });
  const { code, stdout } = await list.finished;
  expect(code).toBe(0);
  const [a, b, c, ...rest] = stdout.toString().split("\n");
  expect(a).toMatch(/^qwen3-tts-12hz-0\.6b-custom-voice {2}float32 {2}\d+ MB {2}built/);
  expect(b).toMatch(
    /^b {2}unusable: \S+codec\.data does not have the content it was built with\. Build/,
  );
  expect(c).toMatch(/^c {2}unusable: \S+pack\.json cannot be read\. Build/);
  expect(rest).toEqual([""]);
});

it.each([
  [["build"], "build takes one folder: build DIR"],
  [["build", "/nowhere"], "/nowhere is not a folder"],
  [["build", "package.json"], "package.json is not a folder"],
  [
    ["build", ".", "--precision", "int2"],
    "--precision must be one of float32, float16, int8, int4, int4-all",
  ],
  [["build", ".", "--model", "tts-9"], "--model must be one of qwen3-tts-12hz-0.6b-base"],
  [["fly"], "There is no command fly."],
  [["build", ".", "--precisoin", "int8"], "There is no option --precisoin; --help says which"],
  [["pull", "0.6b-base", "--revision"], "--revision needs a value"],
  [["list", "all"], '"all" is one argument too many'],
])("refuses `model %j` in words", async (args, message) => {
  const program = runProgram("origin/cli/model.ts", { arguments: args });
  expect((await program.exited).code).toBe(1);
  expect(program.output()).toContain(message);
});
