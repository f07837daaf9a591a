import { afterAll, beforeAll, expect, test } from "vitest";
import { createUrlSigner } from "../../../edge/signature.ts";
import { type Edges, startEdges } from "../../support/edge.ts";
import { speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";

const audio = noise(5000);
const secret = "a secret of at least thirty-two characters";

let origin: FramesOrigin;
let edges: Edges<"overloaded" | "otherVersion">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(audio)));
  const settings = { ORIGIN_URLS: origin.url, AUDIO: "audio", URL_SIGNING_SECRET: secret };
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

test("an id that nobody was given makes no object, a link that was signed asks one", async () => {
  const path = `/v1/audio/speech/${"0".repeat(64)}.mp3`;
  expect((await fetch(edges.urls.overloaded + path)).status).toBe(404);
  const expires = Math.floor(Date.now() / 1000) + 1000;
  const query = await createUrlSigner([secret]).sign(path, expires);
  expect((await fetch(`${edges.urls.overloaded}${path}?${query}`)).status).toBe(503);
});

test("an object of another version lets the Worker speak by itself, and keep what it spoke", async () => {
  const fields = { input: "While a deployment is under way." };
  const first = await speech(edges.urls.otherVersion, fields);
  expect([first.status, first.body.equals(audio)]).toEqual([200, true]);
  await expect
    .poll(async () => (await speech(edges.urls.otherVersion, fields)).headers["x-cache"])
    .toBe("HIT");
});
