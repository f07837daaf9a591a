import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Origin } from "../../../origin/http/server.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../../support/ffmpeg.ts";
import { loudness } from "../../support/hearing.ts";
import { installPlayer } from "../../support/player.ts";
import { runProgram } from "../../support/run-program.ts";
import { askForFrames, hello, postSpeech } from "../../support/speech.ts";
import { startTestOrigin } from "../../support/system.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "speak-"));
});

afterEach(() => rm(folder, { recursive: true }));

interface Run {
  environment?: Record<string, string>;
  input?: string;
}

function start(args: string[], { environment, ...run }: Run = {}) {
  return runProgram("origin/cli/speak.ts", {
    arguments: args,
    environment: { INIT_CWD: folder, ENGINE: "builtin", ...environment },
    ...run,
  });
}

const speak = (args: string[], run?: Run) => start(args, run).finished;

const summary = (file: string) =>
  new RegExp(
    `^builtin: \\d\\.\\d\\d s of audio in \\d+\\.\\d{3} s, RTF \\d+\\.\\d{3}, first byte after \\d+\\.\\d{3} s, first sound after \\d+\\.\\d{3} s, \\d+ bytes to ${file}\\n$`,
  );

describe.skipIf(!hasFfmpeg)(withFfmpeg("npm run speak"), () => {
  it("writes the file it is asked for, in the format of its name, and says what it was", async () => {
    await writeFile(join(folder, "a.WAV"), "an older one");
    const args = [hello.input, "--out", "a.WAV", "--sample-rate", "16000", "--seed", "3"];
    const { code, stdout, stderr } = await speak(args);
    const [ignored, ...summaries] = stderr.split(/(?<=\n)/);
    expect(ignored).toBe("Without effect: seed\n");
    expect(summaries.join("")).toMatch(summary("a\\.WAV"));
    expect(code).toBe(0);
    expect(stdout).toHaveLength(0);
    expect(await readdir(folder)).toEqual(["a.WAV"]);

    const file = await readFile(join(folder, "a.WAV"));
    expect(stderr).toContain(` ${file.byteLength} bytes`);
    expect(file.readUInt32LE(40)).toBe(file.byteLength - 44);
    const { pcm, sampleRate } = await decode(file);
    expect(sampleRate).toBe(16_000);
    const spokenSeconds = Number(stderr.match(/[\d.]+(?= s of audio)/)?.[0]);
    expect(pcm.length / sampleRate).toBeCloseTo(spokenSeconds, 1);
    expect(loudness(pcm)).toBeGreaterThan(0.02);
  });
});

describe("an origin", () => {
  let origin: Origin;

  beforeAll(async () => {
    origin = await startTestOrigin({ ENGINE: "builtin" });
  });

  afterAll(() => origin.close());

  it("answers what is written to standard output, of a text from standard input", async () => {
    const args = ["--voice", "echo", "--speed", "1.5", "--trim-silence", "--format", "pcm"];
    const input = "— Hello. …";
    const { stdout, stderr } = await speak([...args, "--out", "-"], { input: `${input}\n` });
    expect(stderr).toMatch(summary("standard output"));
    const fields = { voice: "echo", speed: 1.5, trim_silence: true, response_format: "pcm" };
    const { audio } = await askForFrames(origin.url, { ...fields, input });
    expect(audio.byteLength).toBeGreaterThan(10_000);
    expect(stdout.equals(audio)).toBe(true);
  });

  it.each(["wav", "flac", "webm"])(
    "answers the file that is written, when it is not to stream, as %s",
    async (response_format) => {
      const [{ code }, answer] = await Promise.all([
        speak([hello.input, "--voice", "echo", "--out", `a.${response_format}`]),
        postSpeech(origin.url, { voice: "echo", response_format, stream: false }),
      ]);
      const answered = Buffer.from(await answer.arrayBuffer());
      expect(code).toBe(0);
      expect(answer.headers.get("content-length")).toBe(String(answered.byteLength));
      expect(answered.equals(await readFile(join(folder, `a.${response_format}`)))).toBe(true);
    },
  );
});

describe("refuses with one line and no file", () => {
  it.each([
    [["hi", "--speed", "fast"], 'speed must be a number from 0.25 to 4; got "fast"'],
    [["hi", "--out", "a.wav", "--format", "mp3"], "the ending of --out a.wav must agree"],
    [["hi", "--out", "nowhere/a.mp3"], "cannot be written: ENOENT"],
    [["hi", "--out", "."], "is there and is not a file"],
    [[], "input must have something to say; it has 0 characters, none but white space"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await speak(args);
    expect(stderr.endsWith(`${message}\n`), stderr).toBe(true);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(code).toBe(1);
    expect(stdout).toHaveLength(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it("what no installed model speaks, naming the command that builds one", async () => {
    const environment = { ENGINE: "qwen3", MODELS_DIR: folder };
    const { code, stderr } = await speak(["hi"], { environment });
    expect(stderr).toBe(
      "No engine here speaks qwen3-tts-12hz-0.6b-custom-voice.\n" +
        "no Qwen3 model installed: npm run model -- pull 0.6b-custom-voice\n",
    );
    expect(code).toBe(1);
  });
});

it("leaves no half file, and an older one as it is, when it is interrupted", async () => {
  await writeFile(join(folder, "speech.mp3"), "an older one");
  const program = start(["Hello, world! ".repeat(50)], { environment: { BUILTIN_PACE: "1" } });
  await expect.poll(partSize).toBeGreaterThan(0);
  program.child.kill("SIGINT");
  const { code, stderr } = await program.finished;
  expect(stderr).toBe("Interrupted.\n");
  expect(code).toBe(130);
  expect(await readdir(folder)).toEqual(["speech.mp3"]);
  expect(await readFile(join(folder, "speech.mp3"), "utf8")).toBe("an older one");
});

async function partSize(): Promise<number> {
  const part = (await readdir(folder)).find((name) => name.endsWith(".part"));
  return part ? (await readFile(join(folder, part))).byteLength : 0;
}

it("stops when whoever reads its output leaves", async () => {
  const program = start(["Hello, world! ".repeat(50), "--out", "-"], {
    environment: { BUILTIN_PACE: "4" },
  });
  program.child.stdout?.once("data", () => program.child.stdout?.destroy());
  const { code, stderr } = await program.finished;
  expect(stderr).toBe("standard output took no more of the speech\n");
  expect(code).toBe(1);
});

describe("--play", () => {
  it("keeps the file as well when there is --out", async () => {
    const bin = await installPlayer(folder, "ffplay", '/bin/cat > "$PLAYED"; /bin/sleep 2');
    const environment = { PATH: bin, PLAYED: join(folder, "played") };
    const { stderr } = await speak(["Hello", "--play", "--out", "a.mp3"], { environment });
    expect(stderr).toMatch(summary("a\\.mp3 and ffplay"));
    const [kept, played] = await Promise.all(
      ["a.mp3", "played"].map((name) => readFile(join(folder, name))),
    );
    expect(kept?.equals(played ?? Buffer.of())).toBe(true);
  });

  it("keeps the file and leaves with 1 when the player has played nothing", async () => {
    const bin = await installPlayer(folder, "ffplay", "/bin/cat > /dev/null");
    const args = ["Hello, world! ".repeat(40), "--play", "--out", "a.mp3"];
    const { code, stderr } = await speak(args, { environment: { PATH: bin } });
    expect(stderr).toMatch(/^ffplay was done after [\d.]+ s with [\d.]+ s of speech: it was not/);
    expect(code).toBe(1);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["a.mp3", "bin"]));
  });

  it("names the players it looked for when there is none", async () => {
    const environment = { PATH: folder };
    const { code, stderr } = await speak(["Hello", "--play", "--format", "opus"], { environment });
    expect(stderr).toBe(
      "--play finds none of these players for opus on the PATH: ffplay, mpv, cvlc\n",
    );
    expect(code).toBe(1);
  });
});

describe("--report", () => {
  const secret = "My neighbour's cat is called Theodora.";

  async function report(environment: Record<string, string>) {
    await mkdir(join(folder, "models", "broken"), { recursive: true });
    const { code } = await speak([secret, "--report", "report.json", "--seed", "4"], {
      environment: { HOME: folder, MODELS_DIR: join(folder, "models"), ...environment },
    });
    const text = await readFile(join(folder, "report.json"), "utf8");
    return { code, text, report: JSON.parse(text) };
  }

  it("writes machine, packs and how it went, and neither the text nor the user's home", async () => {
    const { code, text, report: written } = await report({});

    expect(code).toBe(0);
    expect(written).toMatchObject({
      machine: { node: process.version, onnxruntime: "1.30.0", cores: cpus().length },
      request: { voice: "alloy", characters: secret.length, format: "mp3", seed: 4 },
      speech: { end: { engine: "builtin", finish: "stop", seed: 4 }, level: { non_finite: 0 } },
      packs: [{ folder: "broken", self_test: null }],
      error: null,
    });
    const { speech } = written;
    expect(speech.first_sound_seconds).toBeGreaterThan(0);
    expect(speech.rtf).toBeCloseTo(speech.total_seconds / speech.audio_seconds, 9);
    expect(speech.level.peak).toBeGreaterThan(speech.level.rms);
    expect(written.packs[0].problem).toMatch(/^~.models.broken.pack\.json cannot be read\./);
    expect(text).not.toMatch(/Theodora|neighbour/);
    expect(text).not.toContain(folder);
  });

  it("is written as well when nothing could be spoken, and says why", async () => {
    const { code, report: written } = await report({ ENGINE: "qwen3" });

    expect(code).toBe(1);
    expect(written.error).toContain("No engine here speaks qwen3-tts-12hz-0.6b-custom-voice.");
    expect(written.speech).toMatchObject({ first_byte_seconds: null, end: null });
  });
});

it("explains itself", async () => {
  const { code, stdout, stderr } = await speak(["--help"]);
  expect(stdout.toString()).toMatch(/^Usage: npm run speak -- \[TEXT\]/);
  expect(stderr).toBe("");
  expect(code).toBe(0);
});
