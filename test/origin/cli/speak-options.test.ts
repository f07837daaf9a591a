import { describe, expect, it } from "vitest";
import { formatFields, readSpeakOptions } from "../../../origin/cli/speak/options.ts";

describe("the format", () => {
  it.each([
    [[], "mp3"],
    [["--out", "a.ogg"], "ogg"],
    [["--out", "a.b/c.FLAC"], "flac"],
    [["--out", "-"], "mp3"],
    [["--out", "hello"], "mp3"],
    [["--out", "a.midi"], "midi"],
    [["--out", "a.dat", "--format", "aac"], "aac"],
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

it("takes one text, which may begin with a dash after --", () => {
  expect(readSpeakOptions(["--", "-5 degrees"]).text).toBe("-5 degrees");
  expect(readSpeakOptions(["-"]).text).toBe("-");
  expect(() => readSpeakOptions(["hi", "there"])).toThrow("TEXT is one argument, in quotes; got 2");
});
