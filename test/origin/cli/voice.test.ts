import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readAddOptions } from "../../../origin/cli/voice/options.ts";
import type { Origin } from "../../../origin/http/server.ts";
import { openVoiceStore, type VoiceStore } from "../../../origin/voices/voice-store.ts";
import { keepVoice } from "../../support/kept-voices.ts";
import { type TemporaryModels, temporaryModels } from "../../support/packs.ts";
import { runProgram } from "../../support/run-program.ts";
import { pangrams } from "../../support/speech.ts";
import { speakAt48k, toFloatWav } from "../../support/spoken-recordings.ts";
import { startTestOrigin } from "../../support/system.ts";

let folder: string;
let directory: string;
let store: VoiceStore;
let origin: Origin;
let models: TemporaryModels;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "voice-cli-"));
  directory = join(folder, "voices");
  const [voice, consent] = await Promise.all([speakAt48k("Vivian"), speakAt48k("Dylan")]);
  await writeFile(join(folder, "anna.wav"), toFloatWav([voice], 48_000));
  await writeFile(join(folder, "consent.wav"), toFloatWav([consent], 48_000));
  await writeFile(join(folder, "notes.txt"), "no sound at all");
  origin = await startTestOrigin({ ENGINE: "builtin", VOICES_DIR: directory });
  models = temporaryModels();
  await models.build("0.6b-base");
});

afterAll(async () => {
  await origin.close();
  models.remove();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  await rm(directory, { recursive: true, force: true });
  store = openVoiceStore(directory, { error: (about) => expect(about).toBeUndefined() });
});

/** Where no model is installed, unless it is to speak. */
function run(program: "voice" | "speak", args: string[], speaks = false) {
  return runProgram(`origin/cli/${program}.ts`, {
    arguments: args,
    environment: {
      ...{ INIT_CWD: folder, VOICES_DIR: directory },
      MODELS_DIR: speaks ? models.directory : join(folder, "no-models"),
    },
  }).finished;
}

const listed = async () => {
  const answer = await fetch(`${origin.url}/v1/audio/voices`);
  const { data } = (await answer.json()) as { data: { type: string; name: string }[] };
  return data.filter(({ type }) => type !== "preset").map(({ name }) => name);
};

it("lists, renames and removes voices and consents, and an origin that runs notices", async () => {
  const consent = {
    ...{ id: `cons_${"c".repeat(32)}`, name: "Anna agrees", language: "en" },
    ...{ created_at: 1_790_000_000, seconds: 4, sha256: "0".repeat(64) },
  };
  await store.book.addConsent(consent);
  const anna = await keepVoice(store, "Anna", { consent: consent.id });
  expect(await listed()).toEqual(["Anna"]);

  const { stdout } = await run("voice", ["list"]);
  expect(stdout.toString()).toBe(
    `Anna  ${anna.id}  cloned by x-vector, 3.2 s, english, 2026-09-21, for qwen3-tts-12hz-0.6b-base\n` +
      `Anna agrees  ${consent.id}  consent, 4.0 s, en, 2026-09-21\n`,
  );
  const json = await run("voice", ["list", "--json"]);
  expect(JSON.parse(json.stdout.toString())).toEqual({ voices: [anna], consents: [consent] });

  const renamed = await run("voice", ["rename", "ANNA", "Berta"]);
  expect(renamed).toMatchObject({ code: 0, stderr: 'It is called "Berta".\n' });
  expect(await listed()).toEqual(["Berta"]);
  const removed = await run("voice", ["remove", anna.id]);
  expect(removed).toMatchObject({ code: 0, stderr: 'The voice "Berta" is removed.\n' });
  expect(await listed()).toEqual([]);
  expect(await readdir(join(directory, "files"))).toEqual([]);
  await run("voice", ["remove", consent.id]);
  expect((await run("voice", ["list"])).stderr).toBe("There are no voices.\n");
});

it("speaks with a kept voice, by its id or its name, and so does npm run speak", async () => {
  const anna = await keepVoice(store, "Anna");
  const [tried, spoken] = await Promise.all([
    run("voice", ["try", "anna", "To be heard.", "--out", "tried.wav"], true),
    run(
      "speak",
      ["To be heard.", "--voice", "Anna", "--model", "tts-1", "--out", "spoken.wav"],
      true,
    ),
  ]);
  expect(tried, tried.stderr).toMatchObject({ code: 0 });
  expect(spoken, spoken.stderr).toMatchObject({ code: 0 });
  const [one, other] = await Promise.all(
    ["tried.wav", "spoken.wav"].map((name) => readFile(join(folder, name))),
  );
  expect(one?.byteLength).toBeGreaterThan(10_000);
  // Of random weights one take in a few loses its way, and which is spoken again follows from how busy the machine is.
  expect(other?.byteLength).toBeGreaterThan(10_000);

  const preset = await run("speak", ["Hi.", "--voice", anna.id, "--model", "tts-1-hd"]);
  expect(preset.stderr).toMatch(/voice must be one that qwen3-tts-12hz-1.7b-base has encoded/);
  await store.book.removeVoice(anna.id);
  const gone = await run("speak", ["Hi.", "--voice", "Anna"]);
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/^voice must be one of/) });
});

it("reads a book with kept voices", async () => {
  await keepVoice(store, "Anna");
  await writeFile(join(folder, "book.md"), "# One\n\nHello.\n\n# Two\n\nGoodbye.\n");
  const [read, refused] = await Promise.all([
    run("speak", ["--in", "book.md", "--voice", "Anna", "--out", "book.wav"], true),
    run("speak", ["--in", "book.md", "--voice", "Berta", "--out", "other.wav"]),
  ]);
  expect(read, read.stderr).toMatchObject({ code: 0 });
  expect((await readFile(join(folder, "book.wav"))).byteLength).toBeGreaterThan(10_000);
  expect(refused.stderr).toMatch(/^voice must be one of .* got "Berta"/);
});

it.each([
  [["--name", "Anna"], "There must be FILE and no more; got 0 arguments"],
  [["anna.wav"], "--name is required: what the voice is to be called"],
  [["anna.wav", "--name", "Anna"], "--consent is required: a recording of whoever is"],
])("add %j is refused", (args, message) => {
  expect(() => readAddOptions(args)).toThrow(message);
});

describe("refuses in words, and keeps nothing", () => {
  it.each([
    [
      ["add", "nowhere.wav", "--name", "Anna", "--consent", "consent.wav"],
      "nowhere.wav cannot be read: there is no such file",
    ],
    [
      ["add", "notes.txt", "--name", "Anna", "--consent", "consent.wav"],
      "notes.txt: The recording is text, not audio",
    ],
    [
      ["add", "anna.wav", "--name", "Anna", "--consent", "notes.txt"],
      "notes.txt: The recording is text, not audio",
    ],
    [
      ["add", "anna.wav", "--name", "Anna", "--consent", `cons_${"0".repeat(32)}`],
      `There is no consent cons_${"0".repeat(32)}; see npm run voice -- list`,
    ],
    [
      ["add", "anna.wav", "--name", "alloy", "--consent", "consent.wav"],
      '--name must be another one than those of the presets and of ids; got "alloy"',
    ],
    [
      ["add", "anna.wav", "--name", "Anna", "--consent", "consent.wav", "--language", "Elvish"],
      "--language must be auto, one of",
    ],
    [
      ["add", "anna.wav", "--name", "Anna", "--consent", "consent.wav", "--ref-text", pangrams],
      "Voices are made by qwen3-tts-12hz-0.6b-base or qwen3-tts-12hz-1.7b-base, and none of them is installed here.\nnpm run model -- pull 0.6b-base",
    ],
    [
      ["design", "An old man", "--name", "Opa"],
      "Voices are designed by qwen3-tts-12hz-1.7b-voice-design, and none of them is installed here.",
    ],
    [["design", "  ", "--name", "Opa"], "DESCRIPTION is required"],
    [["try", "alloy"], '"alloy" is a preset; npm run voice -- list'],
    [["remove", "Anna"], 'There is no voice "Anna"; npm run voice -- list'],
    [["rename", "Anna"], "There must be ID|NAME NEW and no more; got 1 argument"],
    [["keep"], "There is no command keep."],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await run("voice", args);
    expect(stderr).toContain(message);
    expect(stderr.startsWith(message.slice(0, 20))).toBe(true);
    expect(code).toBe(1);
    expect(stdout).toHaveLength(0);
    expect(await store.book.listVoices()).toEqual([]);
    expect(await store.book.listConsents()).toEqual([]);
  });

  it("a name that is taken, before any work", async () => {
    await keepVoice(store, "Anna");
    const args = ["add", "anna.wav", "--name", "anna", "--consent", "consent.wav"];
    const { code, stderr } = await run("voice", args);
    expect(stderr).toBe('--name must be one that is not taken; "anna" is.\n');
    expect(code).toBe(1);
    await keepVoice(store, "Berta");
    const renamed = await run("voice", ["rename", "Berta", "Anna"]);
    expect(renamed.stderr).toBe('name must be one that is not taken; "Anna" is.\n');
  });
});
