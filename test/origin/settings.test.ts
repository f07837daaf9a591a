import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { readPort, readSettings } from "../../origin/settings.ts";

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
    memory: { modelBytes: expect.any(Number), keyValueBytes: expect.any(Number) },
    drainSeconds: 30,
    logLevel: "info",
  });
});

describe("memory", () => {
  it("is three quarters of the machine's, a quarter of that for keys and values", () => {
    const { modelBytes, keyValueBytes } = readSettings({}).memory;
    expect(modelBytes + keyValueBytes).toBeLessThanOrEqual(0.75 * totalmem());
    expect(keyValueBytes / (modelBytes + keyValueBytes)).toBeCloseTo(0.25, 9);
  });

  it("is what is set", () => {
    expect(readSettings({ MODEL_MEMORY_GB: "4" }).memory).toEqual({
      modelBytes: 3e9,
      keyValueBytes: 1e9,
    });
    expect(readSettings({ MODEL_MEMORY_GB: "4", KV_MEMORY_GB: "0.5" }).memory).toEqual({
      modelBytes: 3.5e9,
      keyValueBytes: 0.5e9,
    });
    expect(() => readSettings({ MODEL_MEMORY_GB: "4", KV_MEMORY_GB: "4" })).toThrow(
      "KV_MEMORY_GB: must be less than MODEL_MEMORY_GB, of which it is a part",
    );
  });
});

it("takes an empty variable for one that is not set", () => {
  expect(readSettings({ ORIGIN_PORT: "", ORIGIN_HOST: "", MAX_STREAMS: "" })).toEqual(
    readSettings({}),
  );
});

it("takes several tokens, so that one can be replaced while the other serves", () => {
  expect(readSettings({ ORIGIN_TOKEN: "new,old" }).tokens).toEqual(["new", "old"]);
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
  [{ MAX_STREAMS: "many" }, "MAX_STREAMS: must be a whole number"],
  [{ MAX_STREAMS: "0" }, "MAX_STREAMS: Too small: expected number to be >=1"],
  [{ MAX_WAIT_SECONDS: "2592000" }, "MAX_WAIT_SECONDS: Too big: expected number to be <=86400"],
  [{ DRAIN_SECONDS: "2592000" }, "DRAIN_SECONDS: Too big: expected number to be <=86400"],
  [{ ENGINE_THREADS: "all" }, "ENGINE_THREADS: must be a whole number"],
  [{ DETERMINISTIC: "true" }, "DETERMINISTIC: Invalid option"],
  [{ LOG_LEVEL: "loud" }, "LOG_LEVEL: Invalid option"],
])("names the variable and the rule that %j breaks", (environment, message) => {
  expect(() => readSettings(environment)).toThrow(message);
});

it("reads a port or its default", () => {
  expect(readPort({ EDGE_PORT: "8000" }, "EDGE_PORT", 8787)).toBe(8000);
  expect(readPort({}, "EDGE_PORT", 8787)).toBe(8787);
});
