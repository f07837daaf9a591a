import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edges, startEdges } from "../../support/edge.ts";
import { sendSpeech, speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";

let origin: FramesOrigin;
let edges: Edges<"alone" | "inFlights">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(noise(5000))));
  const settings = {
    ORIGIN_URLS: origin.url,
    AUDIO: "audio",
    KV_STATE: "cold_reads" as const,
  };
  edges = await startEdges({ alone: settings, inFlights: { ...settings, FLIGHTS: true } });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

test.each(["inFlights", "alone"] as const)(
  "nothing is spoken for a client who left while its file was looked for (%s)",
  async (edge) => {
    edges.log.splice(0);
    const asked = sendSpeech(edges.urls[edge], { input: `I do not wait for it, ${edge}.` });
    await delay(300);
    asked.reset();
    await expect
      .poll(() => edges.log.map(({ status }) => status), { timeout: 60_000 })
      .toContain(499);
    expect(origin.orders).toHaveLength(0);
  },
);

test("a client who waits is spoken to", async () => {
  expect((await speech(edges.urls.alone)).status).toBe(200);
  expect(origin.orders).toHaveLength(1);
});
