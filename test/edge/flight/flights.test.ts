import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ApiError } from "../../../shared/api-error.ts";
import { type Edge, startEdge } from "../../support/edge.ts";
import { sendSpeech, speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import {
  answerWith,
  breakOff,
  framesOf,
  noise,
  speak,
} from "../../support/frames-origin-behaviours.ts";
import { createGate } from "../../support/gate.ts";
import { receive } from "../../support/sockets.ts";

const audio = noise(20_000);
const maxBytes = 100_000;

let origin: FramesOrigin;
let edge: Edge;
let texts = 0;
let input: string;
let before: number;

beforeAll(async () => {
  origin = await startFramesOrigin();
  edge = await startEdge({
    ORIGIN_URLS: origin.url,
    AUDIO: "audio",
    FLIGHTS: true,
    CACHE_MAX_BYTES: String(maxBytes),
  });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

beforeEach(() => {
  input = `Text number ${texts++}.`;
  before = origin.orders.length;
});

const orders = () => origin.orders.length - before;
const ask = (fields = {}, options = {}) => speech(edge.url, { input, ...fields }, options);
const send = (fields = {}, options = {}) => sendSpeech(edge.url, { input, ...fields }, options);

/** Speaks a chunk at a time, each after the first when `step` is called. */
function speaksInSteps(bytes = audio, chunkBytes = 1000) {
  const steps: (() => void)[] = [];
  let free = false;
  const between = () => (free ? delay(0) : new Promise<void>((go) => steps.push(go)));
  origin.behave(speak(() => framesOf(bytes, { chunkBytes, between })));
  return {
    step: () => steps.shift()?.(),
    finish() {
      free = true;
      for (const go of steps.splice(0)) go();
    },
  };
}

async function firstData(head: ReturnType<typeof send>["head"]) {
  const answer = await head;
  const first = await new Promise<Buffer>((resolve) => {
    answer.once("data", (part: Buffer) => {
      // At once: what comes with it would be lost.
      answer.pause();
      resolve(part);
    });
  });
  return { answer, first };
}

/** Resolves when the edge has noticed that the client of this request is gone. */
async function hasLeft(id: string, meanwhile?: () => void): Promise<void> {
  await expect
    .poll(() => {
      meanwhile?.();
      return edge.log.find((line) => line.id === id);
    })
    .toMatchObject({ code: "client_left" });
}

test("fifty equal requests at once are one synthesis and fifty whole answers", async () => {
  const voice = speaksInSteps();
  // Whose answer has begun has come aboard.
  const heads = await Promise.all(Array.from({ length: 50 }, () => send().head));
  voice.finish();
  const answers = await Promise.all(heads.map(receive));

  expect(orders()).toBe(1);
  expect(answers.filter(({ body }) => body.equals(audio))).toHaveLength(50);
  const words = answers.map(({ headers }) => headers["x-cache"]);
  expect(words.filter((word) => word === "MISS")).toHaveLength(1);
  expect(new Set(words)).toEqual(new Set(["MISS", "JOIN"]));
  const joined = answers.find(({ headers }) => headers["x-cache"] === "JOIN");
  expect(joined?.headers["cache-status"]).toBe("qwen3-tts-edge; fwd=miss; collapsed");
});

test("a joiner hears everything from the beginning, and then as it is spoken", async () => {
  const voice = speaksInSteps();
  const leader = await send().head;
  leader.resume();
  voice.step();
  const joiner = await send().head;
  const heard: Buffer[] = [];
  joiner.on("data", (part) => heard.push(part));
  await expect.poll(() => Buffer.concat(heard).byteLength).toBe(2000);
  expect(joiner.headers).toMatchObject({ "x-cache": "JOIN", "x-seed": "7" });

  voice.finish();
  await once(joiner, "end");

  expect(joiner.complete).toBe(true);
  expect(Buffer.concat(heard).equals(audio)).toBe(true);
  expect(orders()).toBe(1);
});

test("audio, events and base64 of one file join the same flight", async () => {
  const voice = speaksInSteps();
  const json = ask({}, { path: "/v1/audio/speech/base64" });
  await expect.poll(orders).toBe(1);
  const [file, events] = [await send().head, await send({ stream_format: "sse" }).head];
  voice.finish();
  expect((await receive(file)).body.equals(audio)).toBe(true);
  expect((await receive(events)).body.toString()).toContain("speech.audio.done");
  expect(JSON.parse((await json).body.toString()).audio).toBe(
    Buffer.from(audio).toString("base64"),
  );
  expect(orders()).toBe(1);
});

test("one that leaves, the first of all, changes nothing for the others", async () => {
  const voice = speaksInSteps();
  const leader = send({}, { headers: { "x-request-id": "left-first" } });
  await firstData(leader.head).then(({ answer }) => answer.on("error", () => undefined));
  const others = [await send().head, await send().head];
  leader.reset();
  // It is logged when what it waited for has come.
  await hasLeft("left-first", voice.step);
  voice.finish();
  for (const { body, ended } of await Promise.all(others.map(receive))) {
    expect(ended).toBe("complete");
    expect(body.equals(audio)).toBe(true);
  }
  expect(orders()).toBe(1);
});

test("when all leave the origin's work ends, and nothing is stored", async () => {
  speaksInSteps();
  const clients = [send(), send(), send()];
  for (const { head } of clients) {
    (await firstData(head)).answer.on("error", () => undefined);
  }
  expect(orders()).toBe(1);
  const leftAt = performance.now();
  for (const client of clients) client.reset();

  await expect(origin.orders.at(-1)?.over).resolves.toBe(false);
  expect(performance.now() - leftAt).toBeLessThan(15_000);
  origin.behave(speak(() => framesOf(audio)));
  expect(await ask()).toMatchObject({ headers: { "x-cache": "MISS" }, ended: "complete" });
});

describe("a client that leaves before the first audio", () => {
  const silent = breakOff(() => framesOf(audio), 0, "silence");

  const sdk = (count: number) => ({
    headers: { "x-stainless-retry-count": String(count), "x-request-id": `sdk-${count}` },
  });

  test("ends the origin's work at once, an SDK that may come back only after a little", async () => {
    origin.behave(silent);
    const plain = send({}, { headers: { "x-request-id": "left-early" } });
    await expect.poll(orders).toBe(1);
    const patient = send({ input: `${input} Again.` }, sdk(0));
    await expect.poll(orders).toBe(2);

    const ended: string[] = [];
    const [plainOrder, patientOrder] = origin.orders.slice(-2);
    const leftAt = performance.now();
    patient.reset();
    plain.reset();
    await Promise.all([
      plainOrder?.over.then(() => ended.push("plain")),
      patientOrder?.over.then(() => ended.push("patient")),
    ]);

    expect(ended).toEqual(["plain", "patient"]);
    expect(performance.now() - leftAt).toBeGreaterThan(1500);
    expect(await plainOrder?.over).toBe(false);
    expect(await patientOrder?.over).toBe(false);
    await expect
      .poll(() => edge.log.find((line) => line.id === "left-early"))
      .toMatchObject({ status: 499, code: "client_left" });
  });

  test("joins what it has begun when it is an SDK that comes back", async () => {
    const gate = createGate();
    origin.behave(async (answer) => {
      await gate.opened;
      await speak(() => framesOf(audio))(answer);
    });
    const first = send({}, sdk(1));
    await expect.poll(orders).toBe(1);
    first.reset();
    await hasLeft("sdk-1");

    const second = ask({}, sdk(2));
    gate.open();

    expect((await second).body.equals(audio)).toBe(true);
    expect((await second).headers["x-cache"]).toBe("JOIN");
    expect(orders()).toBe(1);
  });
});

test("an origin that dies midway resets everybody, and the next request begins anew", async () => {
  origin.behave(breakOff(() => framesOf(audio), 9000, "reset"));
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers.map(({ ended }) => ended)).toEqual(["reset", "reset", "reset"]);
  origin.behave(speak(() => framesOf(audio)));
  const next = await ask();
  expect(next).toMatchObject({ ended: "complete", headers: { "x-cache": "MISS" } });
});

test("everybody gets the same error, with its status and headers", async () => {
  const { envelope } = new ApiError({
    status: 503,
    type: "service_unavailable_error",
    code: "server_is_overloaded",
    message: "All places are taken.",
  });
  const gate = createGate();
  origin.behave(async (answer) => {
    await gate.opened;
    await answerWith(503, envelope, { "retry-after": "7" })(answer);
  });
  const asked = [ask(), ask(), ask({ stream_format: "sse" })];
  await expect.poll(orders).toBe(1);
  // When one who comes after them has reached the origin, they have reached their flight.
  const later = ask({ input: `${input} Later.` });
  await expect.poll(orders).toBe(2);
  gate.open();
  const answers = await Promise.all([...asked, later]);
  expect(orders()).toBe(2);
  for (const { status, headers, body } of answers) {
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("7");
    expect(JSON.parse(body.toString())).toEqual(envelope);
  }
});

test("one with less time than the others does not end the others' wait", async () => {
  let isFirst = true;
  origin.behave(async (answer) => {
    if (isFirst) {
      isFirst = false;
      await breakOff(() => framesOf(audio), 0, "silence")(answer);
    } else await speak(() => framesOf(audio))(answer);
  });
  const hurried = ask({}, { headers: { "x-stainless-timeout": "1" } });
  await expect.poll(orders).toBe(1);

  const others = await Promise.all([ask(), ask(), ask()]);

  expect(JSON.parse((await hurried).body.toString()).error.code).toBe("deadline_exceeded");
  for (const { body } of others) expect(body.equals(audio)).toBe(true);
  expect(orders()).toBe(2);
});

test("one who joins waits as long as it says itself, not as long as the first does", async () => {
  const gate = createGate();
  origin.behave(async (answer) => {
    await gate.opened;
    await speak(() => framesOf(audio))(answer);
  });
  const first = ask({}, { headers: { "x-stainless-timeout": "60" } });
  await expect.poll(orders).toBe(1);

  const hurried = await ask({}, { headers: { "x-stainless-timeout": "1" } });

  expect(hurried.status).toBe(504);
  expect(JSON.parse(hurried.body.toString()).error.code).toBe("deadline_exceeded");
  gate.open();
  expect((await first).body.equals(audio)).toBe(true);
  expect(orders()).toBe(1);
});

test("a failure midway keeps its status for those who get one document", async () => {
  origin.behave(speak(() => framesOf(audio, { end: null })));
  const { status, body } = await ask({}, { path: "/v1/audio/speech/base64" });
  expect(status).toBe(502);
  expect(JSON.parse(body.toString()).error.code).toBe("bad_gateway");
  await expect
    .poll(() => edge.log.findLast((line) => line.fault === "a flight failed: bad_gateway"))
    .toMatchObject({ cause: expect.stringContaining("without an end frame") });
});

test("another format, seed or speed is another flight", async () => {
  const voice = speaksInSteps();
  const answers = [ask(), ask({ response_format: "opus" }), ask({ seed: 1 }), ask({ speed: 2 })];
  await expect.poll(orders).toBe(4);
  voice.finish();
  await Promise.all(answers);
});

test("no-store and no-cache join nobody", async () => {
  const voice = speaksInSteps();
  const leader = ask();
  await expect.poll(orders).toBe(1);
  const others = ["no-store", "no-cache"].map((directive) =>
    ask({}, { headers: { "cache-control": directive } }),
  );
  await expect.poll(orders).toBe(3);
  voice.finish();
  await Promise.all([leader, ...others]);
});

describe("a speech that is too large to keep", () => {
  test("admits nobody any more, and who comes is spoken to anew", async () => {
    const long = noise(maxBytes + 50_000);
    const voice = speaksInSteps(long, maxBytes + 10_000);
    const leader = await firstData(send().head);
    const late = ask();
    await expect.poll(orders).toBe(2);
    voice.finish();
    expect((await late).body.equals(long)).toBe(true);
    const { body } = await receive(leader.answer);
    expect(Buffer.concat([leader.first, body]).equals(long)).toBe(true);
    expect((await ask()).headers["x-cache"]).toBe("MISS");
  });

  test("puts out who falls far behind, and holds nobody else back", async () => {
    const long = new Uint8Array(Buffer.alloc(16 * 1024 * 1024, noise(1_000_003)));
    const gate = createGate();
    const between = () => gate.opened;
    origin.behave(speak(() => framesOf(long, { chunkBytes: 64 * 1024, between })));
    const [slow, fast] = [await send().head, await send().head];
    expect(orders()).toBe(1);
    gate.open();
    expect((await receive(fast)).body.equals(long)).toBe(true);
    expect((await receive(slow)).ended).toBe("reset");
  });
});
