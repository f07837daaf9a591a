import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatFields, help, readSpeakOptions } from "../../../origin/cli/speak/options.ts";
import { wireRequestSchema } from "../../../shared/wire-request.ts";

describe("the format", () => {
  it.each([
    [[], "mp3"],
    [["--out", "a.ogg"], "ogg"],
    [["--out", "a.b/c.FLAC"], "flac"],
    [["--out", "-"], "mp3"],
    [["--out", "hello"], "mp3"],
    [["--out", "a.midi"], "midi"],
    [["--out", "a.dat", "--format", "aac"], "aac"],
    [["--out", "call.ulaw", "--format", "mulaw"], "mulaw"],
    [["--play"], "wav"],
    [["--play", "--out", "a.opus"], "opus"],
  ])("of %j is %s", (args, format) => {
    expect(formatFields(readSpeakOptions(args))).toEqual({ response_format: format });
  });

  it("is not left in doubt", () => {
    const options = readSpeakOptions(["--out", "a.ogg", "--format", "opus"]);
    expect(() => formatFields(options)).toThrow(
      "--format opus and the ending of --out a.ogg must agree",
    );
  });
});

it("hands on what is no number for the API's rules to refuse", () => {
  const args = ["--speed", "fast", "--seed=-1", "--bitrate", "", "--sample-rate", "1e3"];
  expect(readSpeakOptions(args).fields).toMatchObject({
    speed: "fast",
    seed: -1,
    bitrate: "",
    sample_rate: 1000,
  });
});

it("takes every field of the API's requests that can shape a file", () => {
  const fieldOptions = new Map([
    ["voice", "--voice=echo"],
    ["model", "--model=tts-1-hd"],
    ["language", "--language=german"],
    ["instructions", "--instructions=calm"],
    ["speed", "--speed=2"],
    ["seed", "--seed=7"],
    ["temperature", "--temperature=0.5"],
    ["top_k", "--top-k=20"],
    ["top_p", "--top-p=0.9"],
    ["repetition_penalty", "--repetition-penalty=1.1"],
    ["segmentation", "--segmentation=off"],
    ["input_format", "--input-format=ssml"],
    ["markup", "--markup=tags"],
    ["code_blocks", "--code-blocks=speak"],
    ["normalization", "--normalization=on"],
    ["response_format", "--format=wav"],
    ["sample_rate", "--sample-rate=48000"],
    ["bitrate", "--bitrate=96000"],
    ["volume", "--volume=-6"],
    ["loudness", "--loudness=-16"],
    ["trim_silence", "--trim-silence"],
  ]);
  const options = readSpeakOptions([...fieldOptions.values()]);
  const fields: Record<string, unknown> = { ...options.fields, ...formatFields(options) };
  for (const [field, option] of fieldOptions) {
    expect(String(fields[field]), field).toBe(option.split("=")[1] ?? "true");
    expect(help).toContain(`${option.split("=")[0]} `);
  }
  // The text is an argument, how an answer travels is of no concern, and `lang_code` is another name of `language`;
  // a lexicon is read of a file.
  const others = [
    "input",
    "lexicon",
    "stream",
    "stream_format",
    "lang_code",
    "timestamps",
    "progress",
  ];
  expect([...fieldOptions.keys(), ...others].sort()).toEqual(
    Object.keys(wireRequestSchema.shape).sort(),
  );
});

it("reads a lexicon of a file of JSON", () => {
  const folder = mkdtempSync(join(tmpdir(), "lexicon-"));
  const good = join(folder, "lexicon.json");
  const bad = join(folder, "bad.json");
  writeFileSync(good, '{"SQL": "sequel"}');
  writeFileSync(bad, "SQL: sequel");
  expect(readSpeakOptions(["--lexicon", good]).fields.lexicon).toEqual({ SQL: "sequel" });
  expect(() => readSpeakOptions(["--lexicon", bad])).toThrow(`--lexicon ${bad} must be JSON: `);
  expect(() => readSpeakOptions(["--lexicon", join(folder, "none.json")])).toThrow("ENOENT");
  expect(help).toContain("--lexicon FILE ");
  rmSync(folder, { recursive: true });
});

it.each([
  [["--loud"], "There is no option --loud; --help says which there are"],
  [["-x"], "There is no option -x; --help says which there are"],
  [["hi", "--out"], "--out needs a value"],
  [
    ["hi", "--seed", "-1"],
    "--seed needs a value; one that begins with a dash is written --seed=-1",
  ],
  [["hi", "--play=loud"], "--play takes no value"],
])("says of %j in a sentence what is wrong", (args, message) => {
  expect(() => readSpeakOptions(args)).toThrow(new Error(message));
});

it("takes one text, which may begin with a dash after --", () => {
  expect(readSpeakOptions(["--", "-5 degrees"]).text).toBe("-5 degrees");
  expect(readSpeakOptions(["-"]).text).toBe("-");
  expect(() => readSpeakOptions(["hi", "there"])).toThrow("TEXT is one argument, in quotes; got 2");
});

it.each([
  [["hi", "--in", "a.txt"], "TEXT must be left out beside --in"],
  [["hi", "--chapters"], "--chapters needs --in"],
  [
    ["hi", "--timestamps", "a.txt"],
    "--timestamps must end with one of .vtt, .srt, .json; got a.txt",
  ],
])("refuses %j", (args, message) => {
  expect(() => readSpeakOptions(args)).toThrow(message);
});
