import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNames } from "../../origin/engine/describe.ts";
import { timestampsOf } from "../../shared/timestamps.ts";
import { startEdge } from "../support/edge.ts";
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

    const other = await postSpeech(system.url, {
      model: "qwen3-tts-12hz-1.7b-voice-design",
      voice: null,
    });
    expect(other.headers.get("x-engine")).toBe("builtin");
    await other.arrayBuffer();
  },
);

const [small, large] = ["0.6b", "1.7b"].map((size) => `qwen3-tts-12hz-${size}-custom-voice`);

it("has the installed model of the same kind speak for one that is not, under its own name", async () => {
  const { engines, url: origin } = system.origin;
  const edge = await startEdge({ ORIGIN_URLS: origin, AUDIO: "AUDIO", FLIGHTS: true });
  try {
    const say = async (fields: Record<string, unknown>) => {
      const answer = await postSpeech(edge.url, { input: "of a kind", ...fields });
      return { headers: answer.headers, audio: Buffer.from(await answer.arrayBuffer()) };
    };
    const factsOf = ({ headers }: Response | { headers: Headers }) =>
      ["x-model", "x-resolved-model", "x-engine", "x-ignored-fields", "x-cache"].map((name) =>
        headers.get(name),
      );
    const kept = async () =>
      (await (await edge.audio()).list()).keys.filter(({ name }) => !name.startsWith("revision:"));

    const hd = await say({ model: "tts-1-hd", instructions: "Softly." });
    expect(factsOf(hd)).toEqual(["tts-1-hd", small, "qwen3", "instructions", "MISS"]);
    await expect.poll(async () => (await kept()).length).toBe(1);
    await expect
      .poll(async () => factsOf(await say({ model: "tts-1-hd" })))
      .toEqual(["tts-1-hd", small, "qwen3", null, "HIT"]);

    const own = await say({ model: "tts-1" });
    expect(own.audio.equals(hd.audio)).toBe(true);
    expect(own.headers.get("x-ignored-fields")).toBeNull();
    await expect
      .poll(async () => factsOf(await say({ model: "tts-1" })))
      .toEqual(["tts-1", small, "qwen3", null, "HIT"]);
    expect(await kept()).toHaveLength(1);
    expect(await (await edge.audio()).get(`revision:${large}`, "json")).toMatchObject({
      stand_in: small,
      revision: engines.answering("qwen3-tts-12hz-0.6b-custom-voice").revision?.revision,
    });

    const listed = await (await fetch(`${origin}/v1/models/tts-1-hd`)).json();
    expect(listed).toMatchObject({ engine: "qwen3", resolved_model: small, available: true });
    const health = await (await fetch(`${origin}/health`)).json();
    expect(health).toMatchObject({
      names: { "tts-1": `qwen3 (${small})`, "tts-1-hd": `qwen3 (${small})` },
      models: { [String(large)]: { engine: "qwen3", stand_in: small } },
    });
    expect(describeNames(engines)).toMatch(
      /^spoken: tts-1, tts-1-hd, gpt-4o-mini-tts, .* by qwen3 \(qwen3-tts-12hz-0\.6b-custom-voice\); .*design by builtin$/,
    );

    // What is built takes its place with the next request, and its own files are another's no more.
    const pack = await models.build("1.7b-custom-voice");
    const itself = await say({ model: "tts-1-hd" });
    expect(factsOf(itself).slice(0, 3)).toEqual(["tts-1-hd", small, "qwen3"]);
    const fresh = await say({ model: "tts-1-hd", input: "of itself" });
    expect(factsOf(fresh)).toEqual(["tts-1-hd", large, "qwen3", null, "MISS"]);
    rmSync(pack, { recursive: true });
  } finally {
    await edge.close();
  }
});

it("draws the same seed for the same request, and the same sound", async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(() => askForFrames(system.origin.url, { input: "again" })),
  );
  expect(first?.end).toEqual(second?.end);
  const spoken = await askForFrames(system.origin.url, { input: "again", response_format: "wav" });
  expect(spoken.end.seed).toBe(first?.end.seed);
  expect(spoken.end.samples).toBe(first?.end.samples);
});

it("counts the steps of the model, the streams that shared them and the frames made", async () => {
  const count = async (name: string) => {
    const text = await (await fetch(`${system.origin.url}/metrics`)).text();
    return Number(
      new RegExp(`^${name}\\{engine="qwen3",model="${small}"\\} (\\d+)$`, "m").exec(text)?.[1],
    );
  };
  const names = ["steps", "step_rows", "frames"].map((of) => `tts_engine_${of}_total`);
  const before = await Promise.all(names.map(count));
  const spoken = await Promise.all(
    [1, 2].map((seed) => askForFrames(system.origin.url, { input: "counted", seed })),
  );
  const frames = spoken.reduce((sum, { end }) => sum + end.samples / 1920, 0);
  const after = await Promise.all(names.map(count));
  const [steps = 0, rows = 0, made = 0] = after.map((now, index) => now - (before[index] ?? 0));
  expect(steps).toBeGreaterThan(2);
  expect(rows).toBeGreaterThan(steps);
  expect(made).toBeGreaterThanOrEqual(frames);
});

it("tells exactly when segments are said, and of words that it does not know", async () => {
  const input = "Hello world and all of you. ".repeat(24);
  const fields = { input, response_format: "pcm", timestamps: "segment", seed: 3 };
  const { frames, audio } = await askForFrames(system.origin.url, fields);
  const events = frames.flatMap((frame) => (frame.kind === "event" ? [frame.event] : []));
  const { segments, words } = timestampsOf(events);
  expect(words).toBeUndefined();
  expect(segments.length).toBeGreaterThan(2);
  const sampleAt = (seconds: number) => 2 * Math.round(seconds * 24_000);
  for (const [index, { text, start, end, char_start, char_end }] of segments.entries()) {
    expect(input.slice(char_start, char_end)).toBe(text);
    const next = segments[index + 1];
    const pause = audio.subarray(sampleAt(end) + 48, sampleAt(next?.start ?? end) - 48);
    expect(pause.every((byte) => byte === 0)).toBe(true);
    if (next) expect(next.start - end).toBeCloseTo(0.35, 2);
    const sound = audio.subarray(sampleAt(start), sampleAt(end));
    expect(sound.every((byte) => byte === 0)).toBe(false);
  }
  const answer = await postSpeech(system.url, { ...fields, timestamps: "word" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    error: { param: "timestamps", code: "timestamps_unavailable" },
  });
});

it("makes nothing up where a text has nothing to hear", async () => {
  const answer = await postSpeech(system.url, { input: "“…”", response_format: "pcm" });
  expect(answer.headers.get("x-engine")).toBe("qwen3");
  expect(answer.headers.get("x-speech")).toBe("none");
  const pcm = Buffer.from(await answer.arrayBuffer());
  expect(pcm.equals(Buffer.alloc(2 * 0.2 * 24_000))).toBe(true);
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
  [
    ["build", ".", "--model", "tts-9"],
    "--model must be one of tts-1, tts-1-hd, gpt-4o-mini-tts, qwen3-tts-12hz-0.6b-base",
  ],
  [["fly"], "There is no command fly."],
  [["build", ".", "--precisoin", "int8"], "There is no option --precisoin; --help says which"],
  [["pull", "0.6b-base", "--revision"], "--revision needs a value"],
  [["list", "all"], '"all" is one argument too many'],
])("refuses `model %j` in words", async (args, message) => {
  const program = runProgram("origin/cli/model.ts", { arguments: args });
  expect((await program.exited).code).toBe(1);
  expect(program.output()).toContain(message);
});
