import { afterAll, beforeAll, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { storeKey } from "../support/keys.ts";
import { postSpeech } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";

let origin: Origin;
let edge: Edge;

beforeAll(async () => {
  origin = await startTestOrigin({ ORIGIN_TOKEN: "between", MAX_STREAMS: "8" });
  edge = await startEdge({
    ORIGIN_URLS: origin.url,
    ORIGIN_TOKEN: "between",
    AUTH: "keys",
    FLIGHTS: true,
  });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

it("one key's two hundred requests do not keep another's first waiting", async () => {
  const [many, other] = await Promise.all([storeKey(edge), storeKey(edge)]);
  const leave = new AbortController();
  // Read by nobody, so that each holds its place.
  const flood = Array.from({ length: 200 }, (_, i) =>
    postSpeech(
      edge.url,
      {
        input: `${i} ${"All places would be taken by this. ".repeat(100)}`,
        response_format: "wav",
      },
      { headers: many.headers, signal: leave.signal },
    ),
  );
  const statuses = await Promise.all(flood.map(async (answer) => (await answer).status));
  const spoken = statuses.filter((status) => status === 200).length;
  // A machine that is busy takes fewer, since the others would be late.
  expect(spoken).toBeGreaterThanOrEqual(1);
  expect(spoken).toBeLessThanOrEqual(6);
  expect(statuses.filter((status) => status === 503)).toHaveLength(200 - spoken);
  const began = performance.now();
  const first = await postSpeech(edge.url, { input: "Only this." }, { headers: other.headers });
  expect(first.status).toBe(200);
  await first.arrayBuffer();
  const waited = performance.now() - began;
  leave.abort();
  await Promise.allSettled(flood.map(async (answer) => (await answer).body?.cancel()));
  await expect
    .poll(async () => (await fetch(`${origin.url}/health`)).json(), { timeout: 60_000 })
    .toMatchObject({ active_streams: 0 });
  const alone = performance.now();
  await (
    await postSpeech(edge.url, { input: "And this." }, { headers: other.headers })
  ).arrayBuffer();
  // Machines are noisy: far less than what the flood would have taken.
  expect(waited).toBeLessThan(20 * (performance.now() - alone) + 2000);
});
