import { describe, expect, test } from "vitest";
import { readCreateOptions, readTargetOptions } from "../../../origin/cli/key/options.ts";
import { createCatalogue } from "../../../shared/catalogue.ts";

const now = new Date("2026-11-22T12:00:00Z");
const seconds = now.getTime() / 1000;

test("a key without options has no limits and does not expire", () => {
  expect(readCreateOptions([], now)).toEqual({
    target: { remote: false, environment: undefined, persistTo: undefined },
    printSecret: false,
    fields: { created_at: seconds },
  });
});

test("a key with every option has them in its record", () => {
  const args =
    "--name shop --models tts-1,tts-1-hd --scopes speech,tokens --requests-per-minute 60 --characters-per-day 5000 --expires 90d --remote --env staging --print-secret";
  expect(readCreateOptions(args.split(" "), now)).toEqual({
    target: { remote: true, environment: "staging", persistTo: undefined },
    printSecret: true,
    fields: {
      name: "shop",
      created_at: seconds,
      expires_at: seconds + 90 * 24 * 60 * 60,
      models: ["tts-1", "tts-1-hd"],
      scopes: ["speech", "tokens"],
      requests_per_minute: 60,
      characters_per_day: 5000,
    },
  });
});

test("lists may have spaces after their commas", () => {
  const args = ["--name", "shop", "--models", "tts-1, tts-1-hd", "--scopes", " speech , tokens"];
  const { models, scopes } = readCreateOptions(args, now).fields;
  expect({ models, scopes }).toEqual({
    models: ["tts-1", "tts-1-hd"],
    scopes: ["speech", "tokens"],
  });
});

test("models may have an operator's names, and are kept by those that are known everywhere", () => {
  const catalogue = createCatalogue({ MODEL_ALIASES: '{"kokoro": "tts-1"}' });
  const { models } = readCreateOptions(["--models", "Kokoro,tts-1-hd"], now, catalogue).fields;
  expect(models).toEqual(["qwen3-tts-12hz-0.6b-custom-voice", "tts-1-hd"]);
  expect(() => readCreateOptions(["--models", "kokoro"], now)).toThrow("--models must be some of");
});

test.each([
  ["12h", seconds + 12 * 60 * 60],
  ["2027-01-31", Date.UTC(2027, 0, 31) / 1000],
  ["2027-01-31T08:30:00+01:00", Date.UTC(2027, 0, 31, 7, 30) / 1000],
])("--expires %s is understood", (text, expiresAt) => {
  expect(readCreateOptions(["--expires", text], now).fields.expires_at).toBe(expiresAt);
});

describe("what could be meant otherwise is refused:", () => {
  test.each<[string[], RegExp]>([
    [["--expires", "30"], /--expires must be/],
    [["--expires", "0d"], /--expires must be/],
    [["--expires", "2026-11-21"], /--expires must be/],
    [["--expires", "2027-13-01"], /--expires must be/],
    [
      ["--models", "tts-9"],
      /^--models must be some of tts-1, .*, separated by commas; it is "tts-9"\.$/,
    ],
    [["--models", ""], /^--models must be some of .*; it is ""\.$/],
    [
      ["--scopes", "everything"],
      /^--scopes must be some of speech, files, tokens, voices, refresh, separated by commas; it is "everything"\.$/,
    ],
    [
      ["--requests-per-minute", "0"],
      /^--requests-per-minute must be a whole number of at least 1; it is "0"\.$/,
    ],
    [["--requests-per-minute", ""], /^--requests-per-minute must be .*; it is ""\.$/],
    [["--characters-per-day", "many"], /^--characters-per-day must be .*; it is "many"\.$/],
    [["--characters-per-day", "1.5"], /^--characters-per-day must be .*; it is "1\.5"\.$/],
    [["--name", ""], /^--name must have 1 to 64 characters; it is ""\.$/],
    [
      ["--name", "", "--models", "tts-9,tts-8"],
      /^--name must .*; it is ""\.\n--models must .*; it is "tts-9,tts-8"\.$/,
    ],
    [["--scopes", "speech,"], /--scopes must/],
    [["--local", "--remote"], /--local and --remote/],
    [["--character-per-day", "5"], /--character-per-day/],
    [["shop"], /shop/],
  ])("%j", (args, message) => {
    expect(() => readCreateOptions(args, now)).toThrow(message);
  });
});

test("a key to revoke is named by its id", () => {
  expect(readTargetOptions(["0123", "--persist-to", "state"])).toEqual({
    target: { remote: false, environment: undefined, persistTo: "state" },
    ids: ["0123"],
  });
});
