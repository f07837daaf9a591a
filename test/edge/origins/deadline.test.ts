import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Edge, startEdge } from "../../support/edge.ts";
import { speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";

const speaks = speak(() => framesOf(noise(100)));

let origins: FramesOrigin[];
let edge: Edge;

beforeEach(() => {
  for (const origin of origins) origin.orders.length = 0;
});

beforeAll(async () => {
  origins = await Promise.all([startFramesOrigin(), startFramesOrigin()]);
  const ORIGIN_URLS = origins.map(({ url }) => url).join();
  edge = await startEdge({ ORIGIN_URLS, ORIGIN_TIMEOUT_SECONDS: "40" });
});

afterAll(async () => {
  await edge.close();
  await Promise.all(origins.map((origin) => origin.close()));
});

/** Behaves like that at the first request and speaks at the next; returns the deadlines that were handed on, in order. */
function watchDeadlines(first: typeof speaks): number[] {
  const deadlines: number[] = [];
  for (const origin of origins) {
    origin.behave((answer) => {
      deadlines.push(Number(answer.req.headers["x-deadline-ms"]));
      return deadlines.length === 1 ? first(answer) : speaks(answer);
    });
  }
  return deadlines;
}

/** Each is what is left of the expected time a few seconds later at most. */
function expectAbout(deadlines: readonly number[], ...expectedMs: number[]) {
  expect(deadlines).toHaveLength(expectedMs.length);
  for (const [i, ms] of expectedMs.entries()) {
    expect(deadlines[i]).toBeLessThanOrEqual(ms);
    expect(deadlines[i]).toBeGreaterThan(ms - 10_000);
  }
}

test("an origin is handed the time the server waits", async () => {
  const deadlines = watchDeadlines(speaks);
  await speech(edge.url);
  expectAbout(deadlines, 40_000);
});

test("an origin is handed the time the client waits", async () => {
  const deadlines = watchDeadlines(speaks);
  await speech(edge.url, {}, { headers: { "x-stainless-timeout": "120" } });
  expectAbout(deadlines, 120_000);
});

test("a client cannot hand on a deadline of its own making", async () => {
  const deadlines = watchDeadlines(speaks);
  await speech(edge.url, {}, { headers: { "x-deadline-ms": "1" } });
  expectAbout(deadlines, 40_000);
});

test("the next origin is handed what the first one left", async () => {
  const deadlines = watchDeadlines(async (answer) => {
    await delay(300);
    answer.socket?.resetAndDestroy();
  });
  expect((await speech(edge.url)).status).toBe(200);
  expectAbout(deadlines, 40_000, 39_750);
});

test("a client's time is over when it is over, whoever is being asked", async () => {
  const deadlines = watchDeadlines(() => undefined);
  const headers = { "x-stainless-timeout": "1" };
  const { status, body } = await speech(edge.url, {}, { headers });
  expect(status).toBe(504);
  expect(JSON.parse(body.toString()).error).toEqual({
    message: "There was no audio within the 1 seconds this request had.",
    type: "server_error",
    param: null,
    code: "deadline_exceeded",
  });
  expect(deadlines).toHaveLength(1);
  const orders = origins.flatMap((origin) => origin.orders);
  const wasWhole = await Promise.all(orders.map(({ over }) => over));
  expect(wasWhole.filter((whole) => !whole)).toHaveLength(1);
});
