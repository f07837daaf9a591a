import { describe, expect, it } from "vitest";
import { edgeUrl, ownUrl, readEdgeSettings } from "../../../origin/cli/edge-settings.ts";
import { requestLine } from "../../../origin/cli/request-line.ts";

const open = "AUTH=open\n";

describe("the edge of this machine", () => {
  it("listens on this machine alone unless told otherwise, and asks for keys unless .dev.vars says not to", () => {
    expect(readEdgeSettings({}, "")).toEqual({ host: "127.0.0.1", port: 8787, auth: "keys" });
    expect(readEdgeSettings({ EDGE_HOST: "" }, open)).toMatchObject({ auth: "open" });
    expect(readEdgeSettings({ AUTH: "keys" }, open)).toMatchObject({ auth: "keys" });
  });

  it.each([
    [{ EDGE_HOST: "0.0.0.0", AUTH: "keys" }, open],
    [{ EDGE_HOST: "::" }, ""],
    [{ EDGE_HOST: "10.0.0.1", EDGE_OPEN: "1" }, open],
    [{ EDGE_HOST: "localhost" }, open],
    [{ EDGE_HOST: "::1" }, open],
  ])("listens with %o and %j", (environment, devVars) => {
    expect(readEdgeSettings(environment, devVars).host).toBe(environment.EDGE_HOST);
  });

  it.each([
    [
      { EDGE_HOST: "0.0.0.0" },
      "EDGE_HOST: 0.0.0.0 can be reached from other machines; set AUTH=keys, or EDGE_OPEN=1 to let anyone speak",
    ],
    [
      { EDGE_HOST: "::", EDGE_OPEN: "0", AUTH: "open" },
      "EDGE_HOST: :: can be reached from other machines; set AUTH=keys, or EDGE_OPEN=1 to let anyone speak",
    ],
    [{ AUTH: "key" }, 'AUTH: must be one of keys, open; got "key"'],
    [{ EDGE_OPEN: "yes" }, 'EDGE_OPEN: must be one of 0, 1; got "yes"'],
    [{ EDGE_PORT: "http" }, 'EDGE_PORT: must be a port number up to 65535; got "http"'],
  ])("is refused with %o", (environment, message) => {
    expect(() => readEdgeSettings(environment, open)).toThrow(message);
  });

  it.each([
    ["127.0.0.1", "http://localhost:1", "http://localhost:1"],
    ["::1", "http://[::1]:1", "http://[::1]:1"],
    ["0.0.0.0", "http://0.0.0.0:1", "http://localhost:1"],
    ["::", "http://[::]:1", "http://[::1]:1"],
    ["10.0.0.1", "http://10.0.0.1:1", "http://10.0.0.1:1"],
  ])("on %s is shown as %s, and asked at %s", (host, shown, asked) => {
    const settings = { host, port: 1, auth: "keys" } as const;
    expect(edgeUrl(settings)).toBe(shown);
    expect(ownUrl(settings)).toBe(asked);
  });
});

describe("the line of a request", () => {
  const logged = { id: "req_1", method: "POST", route: "/v1/audio/speech", status: 200 };

  it("says what was asked for and how it ended", () => {
    const hit = { ...logged, head_ms: 3, duration_ms: 1240, source: "hit", audio_bytes: 92_160 };
    const bad = { ...logged, status: 400, head_ms: 1, duration_ms: 2, code: "invalid_value" };
    expect(requestLine(JSON.stringify(hit))).toMatch(
      /^\d\d:\d\d:\d\d POST \/v1\/audio\/speech 200 hit 92\.2 kB 1\.24 s$/,
    );
    expect(requestLine(JSON.stringify(bad))).toMatch(/ 400 invalid_value 0\.00 s$/);
  });

  it.each(["not JSON", '{"level":"error","message":"a fault"}', "[]"])("is not %s", (line) => {
    expect(requestLine(line)).toBeUndefined();
  });
});
