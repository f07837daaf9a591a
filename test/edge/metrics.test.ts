import { afterAll, beforeAll, expect, test } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { type Edges, startEdges } from "../support/edge.ts";
import { sendSpeech, speech } from "../support/edge-speech.ts";
import { receive } from "../support/sockets.ts";
import { pangrams } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";
import { unusedPort } from "../support/unused-port.ts";

const model = "qwen3-tts-12hz-0.6b-custom-voice";
const route = "/v1/audio/speech";

let origin: Origin;
let edges: Edges<"edge" | "lost" | "halfLost">;

beforeAll(async () => {
  // So that somebody can join what is spoken for another.
  process.env.BUILTIN_PACE = "8";
  origin = await startTestOrigin().finally(() => delete process.env.BUILTIN_PACE);
  const nobody = `http://127.0.0.1:${await unusedPort()}`;
  const settings = { FLIGHTS: true, METRICS: "kept" } as const;
  edges = await startEdges({
    edge: { ...settings, AUDIO: "audio", ORIGIN_URLS: origin.url },
    lost: { ...settings, AUDIO: "lost", ORIGIN_URLS: nobody },
    halfLost: { ...settings, AUDIO: "half-lost", ORIGIN_URLS: `${nobody},${origin.url}` },
  });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

const told = async () => (await edges.dataPoints()).map(({ blobs }) => blobs);

test("each request is a data point when its answer is over: where it came from, and how long it took", async () => {
  const { edge } = edges.urls;
  await speech(edge);
  await expect.poll(async () => (await speech(edge)).headers["x-cache"]).toBe("HIT");
  await speech(edge, { speed: 9 });
  await expect.poll(told).toContainEqual([route, "200", "hit", "", model, "mp3", "streamed"]);
  expect(await told()).toContainEqual([route, "200", "miss", "", model, "mp3", "streamed"]);
  await expect.poll(told).toContainEqual([route, "400", "", "invalid_value", "", "", ""]);
  const [miss] = (await edges.dataPoints()).filter(({ blobs }) => blobs[2] === "miss");
  const [headMs = 0, wholeMs = 0, bytes = 0] = miss?.doubles ?? [];
  // Its head leaves with its first sound, while the rest is spoken.
  expect(headMs).toBeGreaterThan(0);
  expect(wholeMs).toBeGreaterThan(headMs);
  expect(bytes).toBeGreaterThan(1000);
});

test("so is one that joins another that is spoken, with a miss for that one", async () => {
  const fields = { input: `${pangrams} ${pangrams}`, response_format: "flac" };
  const leader = await sendSpeech(edges.urls.edge, fields).head;
  const joiner = await sendSpeech(edges.urls.edge, { ...fields, stream_format: "sse" }).head;
  await Promise.all([receive(leader), receive(joiner)]);
  for (const source of ["miss", "joined"]) {
    await expect.poll(told).toContainEqual([route, "200", source, "", model, "flac", "streamed"]);
  }
});

test("so is one that no origin answers, which is logged of each, also where another one answers", async () => {
  const path = `${route}/base64`;
  const { status } = await speech(edges.urls.lost, { response_format: "wav" }, { path });
  expect(status).toBe(503);
  const point = [path, "503", "", "origin_unreachable", model, "wav", "whole"];
  await expect.poll(told).toContainEqual(point);

  // Whichever it was of: a line may come after its answer, and an origin that failed is spared for a while.
  const failed = () => edges.log.find(({ request }) => String(request).startsWith("text-"));
  let text = 0;
  // Until one is routed to the origin that is not there: takes of one text all go to the same.
  await expect
    .poll(async () => {
      const headers = { "x-request-id": `text-${++text}` };
      const fields = { input: `Text ${text}.` };
      expect((await speech(edges.urls.halfLost, fields, { headers })).status).toBe(200);
      return failed();
    })
    .toMatchObject({ fault: "an origin failed: origin_unreachable", origin: 0 });
});

test("so is each item of a batch, besides the batch", async () => {
  const path = `${route}/batch`;
  const items = ["One.", "Two."].map((input) => ({ input, response_format: "pcm" }));
  const body = JSON.stringify({ defaults: { model: "tts-1", voice: "alloy" }, items });
  const answer = await fetch(edges.urls.edge + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await answer.arrayBuffer();
  const ofBatch = async () => (await told()).filter(([of]) => of === path).sort();
  await expect.poll(ofBatch).toEqual([
    [path, "200", "", "", "", "", ""],
    [path, "200", "miss", "", model, "pcm", "whole"],
    [path, "200", "miss", "", model, "pcm", "whole"],
  ]);
});

test("a request that is part of a trace has its id in the answer, and else one of its own", async () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const asked = (traceparent: string) => speech(edges.urls.edge, {}, { headers: { traceparent } });
  const { headers } = await asked(`00-${traceId}-00f067aa0ba902b7-01`);
  expect(headers["x-request-id"]).toBe(traceId);
  for (const none of ["00-x", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`]) {
    expect((await asked(none)).headers["x-request-id"]).toMatch(/^req_/);
  }
});
