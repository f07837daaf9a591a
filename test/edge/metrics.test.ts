import { afterAll, beforeAll, expect, test } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { startTestOrigin } from "../support/system.ts";

let origin: Origin;
let edge: Edge;

beforeAll(async () => {
  origin = await startTestOrigin();
  const settings = { ORIGIN_URLS: origin.url, AUDIO: "audio", FLIGHTS: true };
  edge = await startEdge({ ...settings, METRICS: "kept" });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

test("each request is a data point when its answer is over: where it came from, and how long it took", async () => {
  await speech(edge.url);
  await expect.poll(async () => (await speech(edge.url)).headers["x-cache"]).toBe("HIT");
  await speech(edge.url, { speed: 9 });
  const route = "/v1/audio/speech";
  const told = async () => (await edge.dataPoints()).map(({ blobs }) => blobs);
  await expect.poll(told).toContainEqual([route, "200", "hit", ""]);
  expect(await told()).toContainEqual([route, "200", "miss", ""]);
  await expect.poll(told).toContainEqual([route, "400", "", "invalid_value"]);
  const [miss] = (await edge.dataPoints()).filter(({ blobs }) => blobs[2] === "miss");
  const [headMs = 0, wholeMs = 0, bytes = 0] = miss?.doubles ?? [];
  expect(wholeMs).toBeGreaterThanOrEqual(headMs);
  expect(bytes).toBeGreaterThan(1000);
});

test("a request that is part of a trace has its id in the answer, and else one of its own", async () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const asked = (traceparent: string) => speech(edge.url, {}, { headers: { traceparent } });
  const { headers } = await asked(`00-${traceId}-00f067aa0ba902b7-01`);
  expect(headers["x-request-id"]).toBe(traceId);
  for (const none of ["00-x", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`]) {
    expect((await asked(none)).headers["x-request-id"]).toMatch(/^req_/);
  }
});
