import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { edgeHealthSchema } from "../../shared/answers.ts";
import { startEdges } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { type Behaviour, type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { answerWith, framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";

const speaks = speak(() => framesOf(noise(100)));

let first: FramesOrigin;
let second: FramesOrigin;
let runtime: Awaited<ReturnType<typeof startRuntime>>;

async function startRuntime() {
  const dead = `http://127.0.0.1:${await unusedPort()}`;
  return startEdges({
    both: { ORIGIN_URLS: `${first.url}, ${second.url}/` },
    deadFirst: { ORIGIN_URLS: `${dead},${second.url}`, ORIGIN_TOKEN: "the-token" },
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

describe("of several origins", () => {
  const asked = () => first.orders.length + second.orders.length;

  /** Whichever origin is asked first behaves like that, the other one speaks. */
  function firstAsked(behaviour: Behaviour) {
    let isFirst = true;
    const behave: Behaviour = (answer) => {
      const chosen = isFirst ? behaviour : speaks;
      isFirst = false;
      return chosen(answer);
    };
    first.behave(behave);
    second.behave(behave);
  }

  test("one is asked, for equal requests always the same, and each gets its share", async () => {
    firstAsked(speaks);
    const inputs = Array.from({ length: 24 }, (_, index) => `Text number ${index}.`);
    const chosen = async (input: string) => {
      const before = [first.orders.length, second.orders.length];
      expect((await speech(runtime.urls.both, { input })).status).toBe(200);
      return [first, second].map((origin, i) => origin.orders.length - (before[i] ?? 0)).join();
    };
    const choices: string[] = [];
    for (const input of inputs) choices.push(await chosen(input));
    expect(new Set(choices)).toEqual(new Set(["1,0", "0,1"]));
    for (const [i, input] of inputs.entries()) expect(await chosen(input)).toBe(choices[i]);
  });

  test("the next one answers when one is down", async () => {
    second.behave(speaks);
    for (const input of ["One.", "Two.", "Three.", "Four."]) {
      const { status, body } = await speech(runtime.urls.deadFirst, { input });
      expect(status).toBe(200);
      expect(body.equals(noise(100))).toBe(true);
    }
  });

  const failures: [string, Behaviour][] = [
    ["hangs up without an answer", (answer) => void answer.socket?.resetAndDestroy()],
    ["is behind a Cloudflare that cannot reach it", answerWith(523, "<html></html>")],
  ];
  test.each(failures)("the next one answers when one %s", async (_what, behaviour) => {
    firstAsked(behaviour);
    const before = asked();
    expect((await speech(runtime.urls.both)).status).toBe(200);
    expect(asked()).toBe(before + 2);
  });

  test("an error that one gives is the answer", async () => {
    const envelope = { error: { message: "m", type: "t", param: null, code: "c" }, detail: "m" };
    firstAsked(answerWith(503, envelope));
    const before = asked();
    expect((await speech(runtime.urls.both)).status).toBe(503);
    expect(asked()).toBe(before + 1);
  });
});

test("no origin that can be reached is a 502 that says when to come back", async () => {
  const { status, headers, body } = await speech(runtime.urls.dead);
  expect(status).toBe(502);
  expect(headers["retry-after"]).toBe("5");
  expect(JSON.parse(body.toString()).error).toEqual({
    message: "No speech origin can be reached at present.",
    type: "server_error",
    param: null,
    code: "origin_unreachable",
  });
});

test("the origin's token is sent when it is set", async () => {
  second.behave(speaks);
  await speech(runtime.urls.deadFirst);
  expect(second.orders.at(-1)?.headers.authorization).toBe("Bearer the-token");
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
      origins: [
        { index: 0, state: firstState },
        { index: 1, state: secondState },
      ],
    });
  });

  test("tells no addresses", async () => {
    const answer = await fetch(`${runtime.urls.dead}/health`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: "unavailable",
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

/** A port that was free a moment ago. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
