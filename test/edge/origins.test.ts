import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { edgeHealthSchema } from "../../shared/answers.ts";
import { startEdges } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { unusedPort } from "../support/unused-port.ts";

const speaks = speak(() => framesOf(noise(100)));

let first: FramesOrigin;
let second: FramesOrigin;
let runtime: Awaited<ReturnType<typeof startRuntime>>;

async function startRuntime() {
  const dead = `http://127.0.0.1:${await unusedPort()}`;
  return startEdges({
    both: { ORIGIN_URLS: `${first.url}, ${second.url}/` },
    dead: { ORIGIN_URLS: `${dead},${dead}` },
    below: { ORIGIN_URLS: `${second.url}/tts/one` },
    unset: {},
    empty: { ORIGIN_URLS: " , " },
    notUrl: { ORIGIN_URLS: `${first.url},localhost:8880` },
    noTimeout: { ORIGIN_URLS: first.url, ORIGIN_TIMEOUT_SECONDS: "soon" },
  });
}

beforeAll(async () => {
  [first, second] = await Promise.all([startFramesOrigin(), startFramesOrigin()]);
  runtime = await startRuntime();
});

afterAll(async () => {
  await runtime.close();
  await Promise.all([first.close(), second.close()]);
});

test("an origin may live below a path", async () => {
  second.behave(speaks);
  await speech(runtime.urls.below);
  expect(second.orders.at(-1)?.path).toBe("/tts/one/v1/audio/speech");
});

describe("a setting that is", () => {
  const listRule =
    "ORIGIN_URLS must be http or https URLs without user, query or fragment; entry 2 is not";
  test.each([
    ["missing", "unset", "ORIGIN_URLS must be set to the URL of at least one origin"],
    ["empty", "empty", "ORIGIN_URLS must be set to the URL of at least one origin"],
    ["no URL", "notUrl", listRule],
    ["no number", "noTimeout", "ORIGIN_TIMEOUT_SECONDS must be a number above 0 and at most 600"],
  ] as const)("%s is named in a 500", async (_what, edge, problem) => {
    const { status, headers, body } = await speech(runtime.urls[edge]);
    expect(status).toBe(500);
    expect(headers["x-should-retry"]).toBe("false");
    expect(JSON.parse(body.toString()).error).toEqual({
      message: `This server is not set up: ${problem}.`,
      type: "server_error",
      param: null,
      code: "misconfigured",
    });
  });
});

describe("GET /health", () => {
  test.each([
    ["is ok when every origin is ready", 200, 200, "ready", "ready"],
    ["is ok when one origin is ready", 503, 200, "not_ready", "ready"],
    ["is ok when one origin is ready and one is silent", 200, null, "ready", "unreachable"],
    ["is a 503 when no origin is ready", 503, 502, "not_ready", "not_ready"],
    ["calls an origin unreachable that Cloudflare says is", 521, 503, "unreachable", "not_ready"],
  ])("%s", async (_what, firstStatus, secondStatus, firstState, secondState) => {
    first.readiness(firstStatus);
    second.readiness(secondStatus);

    const answer = await fetch(`${runtime.urls.both}/health`);

    const ready = [firstState, secondState].includes("ready");
    expect(answer.status).toBe(ready ? 200 : 503);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(edgeHealthSchema.parse(await answer.json())).toEqual({
      status: ready ? "ok" : "unavailable",
      auth: "open",
      origins: [
        { index: 0, state: firstState },
        { index: 1, state: secondState },
      ],
      missing_bindings: ["KEY_RATE", "ADDRESS_RATE", "AUDIO", "FLIGHTS"],
    });
  });

  test("tells no addresses", async () => {
    const answer = await fetch(`${runtime.urls.dead}/health`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      status: "unavailable",
      auth: "open",
      origins: [
        { index: 0, state: "unreachable" },
        { index: 1, state: "unreachable" },
      ],
    });
  });

  test("names a setting that is missing", async () => {
    const answer = await fetch(`${runtime.urls.unset}/health`);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ error: { code: "misconfigured" } });
  });
});
