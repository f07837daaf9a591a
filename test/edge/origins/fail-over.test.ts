import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ApiError } from "../../../shared/api-error.ts";
import { startEdges } from "../../support/edge.ts";
import { speech } from "../../support/edge-speech.ts";
import {
  type Behaviour,
  type FramesOrigin,
  startFramesOrigin,
} from "../../support/frames-origin.ts";
import {
  answerWith,
  breakOff,
  framesOf,
  noise,
  speak,
} from "../../support/frames-origin-behaviours.ts";
import { unusedPort } from "../../support/unused-port.ts";

const audio = noise(3000);
const frames = () => framesOf(audio);
const speaks = speak(frames);
const page = "<html>said a proxy</html>";

let origins: FramesOrigin[];
let edges: Awaited<ReturnType<typeof start>>;

async function start() {
  const [one, two, three] = origins.map(({ url }) => url);
  const dead = `http://127.0.0.1:${await unusedPort()}`;
  return startEdges({
    unfailing: { ORIGIN_URLS: `${one},${two}` },
    remembering: { ORIGIN_URLS: `${one},${two}` },
    lacking: { ORIGIN_URLS: `${one},${two}` },
    two: { ORIGIN_URLS: `${one}, ${two}/` },
    three: { ORIGIN_URLS: `${one},${two},${three}` },
    oneDown: { ORIGIN_URLS: `${dead},${two}` },
    allDown: { ORIGIN_URLS: `${dead},${dead}/below` },
  });
}

beforeAll(async () => {
  origins = await Promise.all([startFramesOrigin(), startFramesOrigin(), startFramesOrigin()]);
  edges = await start();
});

afterAll(async () => {
  await edges.close();
  await Promise.all(origins.map((origin) => origin.close()));
});

beforeEach(() => {
  for (const origin of origins) origin.orders.length = 0;
});

const asked = () => origins.flatMap(({ orders }) => orders);

/** The origins that are asked do these things one after the other, whichever they are, and the last of them from then on. */
function inTurn(...behaviours: Behaviour[]) {
  let turn = 0;
  for (const origin of origins) {
    origin.behave((answer) => {
      const index = Math.min(turn++, behaviours.length - 1);
      return behaviours[index]?.(answer);
    });
  }
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): Behaviour {
  const error = new ApiError({ status, type: "t", code, message: `It says ${code}.` });
  return answerWith(status, error.envelope, headers);
}

test("one origin is asked, for equal requests the same one, and each gets its share", async () => {
  inTurn(speaks);
  const chosenFor = async (input: string) => {
    const before = origins.map(({ orders }) => orders.length);
    expect((await speech(edges.urls.unfailing, { input })).status).toBe(200);
    return origins.map(({ orders }, i) => orders.length - (before[i] ?? 0)).join("");
  };
  const inputs = Array.from({ length: 24 }, (_, index) => `Text number ${index}.`);
  const choices: string[] = [];
  for (const input of inputs) choices.push(await chosenFor(input));

  expect(new Set(choices)).toEqual(new Set(["100", "010"]));
  for (const [i, input] of inputs.entries()) expect(await chosenFor(input)).toBe(choices[i]);
});

describe("the next origin answers when the first", () => {
  test.each<[string, Behaviour]>([
    ["hangs up without an answer", (answer) => void answer.socket?.resetAndDestroy()],
    ["is behind a Cloudflare that cannot reach it", answerWith(523, page)],
    ["is behind a proxy that cannot reach it", answerWith(502, page)],
    ["is behind a proxy that has no place for it", answerWith(503, page)],
    ["is behind somebody's login", answerWith(302, "", { location: "https://login.example/" })],
    ["is not there but another server is", answerWith(200, page)],
    ["is starting its engine", refusal(503, "engine_not_ready")],
    ["cannot start its engine", refusal(503, "engine_failed")],
    ["lacks the model", refusal(503, "model_not_loaded")],
    ["is being stopped", refusal(503, "server_stopping")],
    ["does not take the token", refusal(401, "invalid_api_key")],
    ["breaks off before its first audio", breakOff(frames, 500, "reset")],
    ["ends before its first audio", breakOff(frames, 0, "clean")],
  ])("%s", async (_what, behaviour) => {
    inTurn(behaviour, speaks);
    const { status, body } = await speech(edges.urls.two);
    expect(status).toBe(200);
    expect(body.equals(audio)).toBe(true);
    expect(asked()).toHaveLength(2);
  });

  test("is down", async () => {
    inTurn(speaks);
    for (const input of ["One.", "Two.", "Three.", "Four.", "Five.", "Six."]) {
      expect((await speech(edges.urls.oneDown, { input })).status).toBe(200);
    }
  });

  test("says nothing, and is found to be gone", async () => {
    inTurn(() => undefined, speaks);
    for (const origin of origins) origin.readiness(523);
    const startedAt = performance.now();
    expect((await speech(edges.urls.two)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    const wasWhole = await Promise.all(asked().map(({ over }) => over));
    expect(wasWhole.toSorted()).toEqual([false, true]);
    for (const origin of origins) origin.readiness(200);
  });
});

describe("no other origin is asked when one says", () => {
  test.each([
    [429, "rate_limit_exceeded"],
    [503, "server_is_overloaded"],
    [503, "something_unheard_of"],
    [504, "deadline_exceeded"],
    [500, "server_error"],
    [400, "invalid_value"],
  ])("%i %s", async (status, code) => {
    inTurn(refusal(status, code, { "retry-after": "7" }), speaks);
    const answer = await speech(edges.urls.two);
    expect(answer.status).toBe(status);
    expect(answer.headers["retry-after"]).toBe("7");
    expect(JSON.parse(answer.body.toString()).error.code).toBe(code);
    expect(asked()).toHaveLength(1);
  });
});

test("an origin that is only slow is waited for", async () => {
  inTurn(async (answer) => {
    await delay(1500);
    await speaks(answer);
  });
  expect((await speech(edges.urls.two)).status).toBe(200);
  expect(asked()).toHaveLength(1);
});

test("every origin is tried while they refuse quickly", async () => {
  inTurn(answerWith(502, page), answerWith(502, page), speaks);
  expect((await speech(edges.urls.three)).status).toBe(200);
  expect(asked()).toHaveLength(3);
});

test("a request that brings origins down does not go round them all", async () => {
  inTurn(async (answer) => {
    await delay(1100);
    answer.socket?.resetAndDestroy();
  });
  const { status, body } = await speech(edges.urls.three);
  expect(status).toBe(503);
  expect(JSON.parse(body.toString()).error.code).toBe("origin_unreachable");
  expect(asked()).toHaveLength(2);
});

test.each([
  [
    "an origin that cannot be reached is left alone for a while",
    "remembering",
    answerWith(502, page),
    1,
  ],
  ["an origin that lacks a model is still asked", "lacking", refusal(503, "model_not_loaded"), 2],
  ["and so is one that cannot load it", "lacking", refusal(503, "engine_failed"), 2],
] as const)("%s", async (_what, edge, failure, times) => {
  let failing: FramesOrigin | undefined;
  for (const origin of origins) {
    origin.behave((answer) => {
      failing ??= origin;
      return (origin === failing ? failure : speaks)(answer);
    });
  }
  for (const _ of [1, 2]) {
    expect((await speech(edges.urls[edge])).status).toBe(200);
  }
  expect(failing?.orders).toHaveLength(times);
});

test("when all fail, the client is told what the first said", async () => {
  inTurn(refusal(503, "engine_not_ready", { "retry-after": "5" }), answerWith(502, page));
  const { status, headers, body } = await speech(edges.urls.two);
  expect(status).toBe(503);
  expect(headers["retry-after"]).toBe("5");
  expect(JSON.parse(body.toString()).error.code).toBe("engine_not_ready");
});

test("when all are down, a 503 says when to come back", async () => {
  const { status, headers, body } = await speech(edges.urls.allDown);
  expect(status).toBe(503);
  expect(headers).toMatchObject({ "content-type": "application/json", "retry-after": "5" });
  const message = "No speech origin can be reached at present.";
  expect(JSON.parse(body.toString())).toEqual({
    error: {
      message,
      type: "service_unavailable_error",
      param: null,
      code: "origin_unreachable",
    },
    detail: message,
  });
});
