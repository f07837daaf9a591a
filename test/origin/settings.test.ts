import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { memoryBudget } from "../../origin/process/memory-budget.ts";
import { readPort, readSettings, requireRoom, SettingsError } from "../../origin/settings.ts";

it("listens on this machine alone unless told otherwise", () => {
  expect(readSettings({})).toEqual({
    host: "127.0.0.1",
    isLocal: true,
    port: 8880,
    tokens: [],
    engine: "auto",
    device: "auto",
    modelsDirectory: expect.stringMatching(/qwen3-tts-edge.models$/),
    maxStreams: 64,
    maxWaitSeconds: 30,
    memory: { totalBytes: undefined, keyValueBytes: undefined },
    voicesDirectory: expect.stringMatching(/qwen3-tts-edge.voices$/),
    jobs: {
      directory: expect.stringMatching(/qwen3-tts-edge.jobs$/),
      maxQueued: 20,
      maxBytes: 20e9,
      ttlSeconds: 72 * 60 * 60,
    },
    drainSeconds: 30,
    logLevel: "info",
    defaultLanguage: "english",
    lexicon: null,
    catalogue: expect.objectContaining({
      defaultModel: "tts-1",
      defaultVoice: "alloy",
      voiceNaming: "speaker",
    }),
  });
});

describe("memory", () => {
  it("is three quarters of the machine's, a quarter of that for keys and values", () => {
    const { modelBytes, keyValueBytes } = memoryBudget(readSettings({}).memory);
    expect(modelBytes + keyValueBytes).toBeLessThanOrEqual(0.75 * totalmem());
    expect(keyValueBytes / (modelBytes + keyValueBytes)).toBeCloseTo(0.25, 9);
  });

  it("is what is set", () => {
    expect(memoryBudget(readSettings({ MODEL_MEMORY_GB: "4" }).memory)).toEqual({
      modelBytes: 3e9,
      keyValueBytes: 1e9,
    });
    const both = readSettings({ MODEL_MEMORY_GB: "4", KV_MEMORY_GB: "0.5" });
    expect(memoryBudget(both.memory)).toEqual({
      modelBytes: 3.5e9,
      keyValueBytes: 0.5e9,
    });
    expect(() => readSettings({ MODEL_MEMORY_GB: "4", KV_MEMORY_GB: "4" })).toThrow(
      "KV_MEMORY_GB: must be less than MODEL_MEMORY_GB, of which it is a part",
    );
  });
});

describe("the memory of a GPU", () => {
  it("is divided in the place of the machine's, unless it is set", () => {
    expect(memoryBudget({}, 80e9)).toEqual({ modelBytes: 45e9, keyValueBytes: 15e9 });
    expect(memoryBudget({ totalBytes: 4e9 }, 80e9).modelBytes).toBe(3e9);
  });

  it("must have room for more than keys and values", () => {
    const { memory } = readSettings({ KV_MEMORY_GB: "1" });
    expect(() => requireRoom(memory, 8e9)).not.toThrow();
    expect(() => requireRoom(memory, 1e9)).toThrow(SettingsError);
  });
});

it.each([
  ["German", "german"],
  ["pt-BR", "portuguese"],
])("reads the default language %s", (DEFAULT_LANGUAGE, defaultLanguage) => {
  expect(readSettings({ DEFAULT_LANGUAGE })).toMatchObject({ defaultLanguage });
});

it.each(["auto", "Klingon"])("refuses the default language %s", (DEFAULT_LANGUAGE) => {
  expect(() => readSettings({ DEFAULT_LANGUAGE })).toThrow(
    `DEFAULT_LANGUAGE: must be one of chinese, english, german, italian, portuguese, spanish, japanese, korean, french, russian, or its BCP-47 tag; got "${DEFAULT_LANGUAGE}"`,
  );
});

it("takes an empty variable for one that is not set", () => {
  const { catalogue, ...settings } = readSettings({
    ...{ ORIGIN_PORT: "", ORIGIN_HOST: "", MAX_STREAMS: "", VOICE_ALIASES: "", DEFAULT_VOICE: "" },
  });
  expect(readSettings({})).toMatchObject(settings);
  expect(catalogue).toMatchObject({ defaultVoice: "alloy", voiceAliases: new Map() });
});

it("takes several tokens, so that one can be replaced while the other serves", () => {
  for (const list of ["new,old", "new, old", " new ,,old,", "new,\n old"]) {
    expect(readSettings({ ORIGIN_TOKEN: list }).tokens).toEqual(["new", "old"]);
  }
});

describe("an address that other machines can reach", () => {
  it("is refused without a token", () => {
    expect(() => readSettings({ ORIGIN_HOST: "0.0.0.0" })).toThrow(
      "ORIGIN_HOST: 0.0.0.0 can be reached from other machines; set ORIGIN_TOKEN, or ORIGIN_OPEN=1 to let anyone speak",
    );
    expect(() => readSettings({ ORIGIN_HOST: "::", ORIGIN_TOKEN: "," })).toThrow("ORIGIN_TOKEN");
  });

  it.each([{ ORIGIN_TOKEN: "secret" }, { ORIGIN_OPEN: "1" }])("is taken with %j", (more) => {
    expect(readSettings({ ORIGIN_HOST: "0.0.0.0", ...more }).host).toBe("0.0.0.0");
  });
});

it.each([
  [{ ORIGIN_PORT: "http" }, 'ORIGIN_PORT: must be a port number up to 65535; got "http"'],
  [{ ORIGIN_PORT: "65536" }, 'ORIGIN_PORT: must be a port number up to 65535; got "65536"'],
  [{ ORIGIN_PORT: "-1" }, 'ORIGIN_PORT: must be a port number up to 65535; got "-1"'],
  [{ MAX_STREAMS: "many" }, 'MAX_STREAMS: must be a whole number from 1 to 10000; got "many"'],
  [{ MAX_STREAMS: "0" }, 'MAX_STREAMS: must be a whole number from 1 to 10000; got "0"'],
  [{ MAX_STREAMS: "1e20" }, 'MAX_STREAMS: must be a whole number from 1 to 10000; got "1e20"'],
  [{ MAX_STREAMS: "1".repeat(20) }, "MAX_STREAMS: must be a whole number from 1 to 10000; got"],
  [{ MAX_STREAMS: "2.5" }, 'MAX_STREAMS: must be a whole number from 1 to 10000; got "2.5"'],
  [
    { MAX_WAIT_SECONDS: "9".repeat(400) },
    "MAX_WAIT_SECONDS: must be a whole number from 1 to 86400; got a string of 400 characters",
  ],
  [
    { DRAIN_SECONDS: "2592000" },
    'DRAIN_SECONDS: must be a whole number from 0 to 86400; got "2592000"',
  ],
  [{ ENGINE_THREADS: "all" }, 'ENGINE_THREADS: must be a whole number from 1 to 1024; got "all"'],
  [{ ENGINE_THREADS: "0" }, "ENGINE_THREADS: must be a whole number from 1 to 1024"],
  [
    { MODEL_MEMORY_GB: "0" },
    'MODEL_MEMORY_GB: must be a number of gigabytes above 0 and at most 100000; got "0"',
  ],
  [
    { MODEL_MEMORY_GB: "9".repeat(400) },
    "MODEL_MEMORY_GB: must be a number of gigabytes above 0 and at most 100000; got a string of 400",
  ],
  [
    { KV_MEMORY_GB: "-1" },
    'KV_MEMORY_GB: must be a number of gigabytes from 0 to 100000; got "-1"',
  ],
  [{ VOICE_NAMES: "id" }, 'VOICE_NAMES: must be one of speaker, both; got "id"'],
  [{ VOICE_ALIASES: "{" }, 'VOICE_ALIASES: must be a JSON object of names, such as {"af_bella": '],
  [{ DETERMINISTIC: "true" }, 'DETERMINISTIC: must be one of 0, 1; got "true"'],
  [{ ENGINE: "gpt" }, 'ENGINE: must be one of auto, qwen3, builtin; got "gpt"'],
  [{ LOG_LEVEL: "loud" }, "LOG_LEVEL: must be one of silent, error, warn, info, debug"],
  [{ ORIGIN_TOKEN: " , " }, "ORIGIN_TOKEN: must hold a token, or be left out"],
  [
    { ORIGIN_TOKEN: "new old" },
    "ORIGIN_TOKEN: must hold tokens without spaces, separated by commas",
  ],
])("names the variable and the rule that %j breaks", (environment, message) => {
  expect(() => readSettings(environment)).toThrow(message);
});

it("reads a port or its default", () => {
  expect(readPort({ EDGE_PORT: "8000" }, "EDGE_PORT", 8787)).toBe(8000);
  expect(readPort({}, "EDGE_PORT", 8787)).toBe(8787);
});
