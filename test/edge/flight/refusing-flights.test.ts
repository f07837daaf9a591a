import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edges, startEdges } from "../../support/edge.ts";
import { speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";

const audio = noise(5000);

let origin: FramesOrigin;
let edges: Edges<"overloaded" | "otherVersion">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(audio)));
  const settings = { ORIGIN_URLS: origin.url, AUDIO: "audio" };
  edges = await startEdges({
    overloaded: { ...settings, FLIGHTS: "overloaded" },
    otherVersion: { ...settings, FLIGHTS: "other_version" },
  });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

test("an object that is overloaded is a 503 that says when to come back, and no stampede to the origin", async () => {
  const orders = origin.orders.length;
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => speech(edges.urls.overloaded, { input: "So many." })),
  );
  for (const { status, headers, body } of answers) {
    expect([status, headers["retry-after"]]).toEqual([503, "5"]);
    expect(JSON.parse(body.toString()).error.code).toBe("server_is_overloaded");
  }
  expect(origin.orders).toHaveLength(orders);
});

test("an object of another version lets the Worker speak by itself, and keep what it spoke", async () => {
  const fields = { input: "While a deployment is under way." };
  const first = await speech(edges.urls.otherVersion, fields);
  expect([first.status, first.body.equals(audio)]).toEqual([200, true]);
  await expect
    .poll(async () => (await speech(edges.urls.otherVersion, fields)).headers["x-cache"])
    .toBe("HIT");
});
