import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { edgeHealthSchema } from "../../shared/answers.ts";
import { plainCatalogue } from "../../shared/catalogue.ts";
import { catalogueDigest } from "../../shared/catalogue-digest.ts";
import { startEdges } from "../support/edge.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { unusedPort } from "../support/unused-port.ts";

let first: FramesOrigin;
let second: FramesOrigin;
let runtime: Awaited<ReturnType<typeof startRuntime>>;

async function startRuntime() {
  const dead = `http://127.0.0.1:${await unusedPort()}`;
  return startEdges({
    both: { ORIGIN_URLS: `${first.url}, ${second.url}/` },
    dead: { ORIGIN_URLS: `${dead},${dead}` },
    unset: {},
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
      missing_bindings: [
        "ASSETS",
        "KEY_RATE",
        "ADDRESS_RATE",
        "LINK_RATE",
        "AUDIO",
        "FLIGHTS",
        "METRICS",
      ],
      catalogue: await catalogueDigest(plainCatalogue),
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
