import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Edges, startEdges } from "../support/edge.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { answerWith, framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { createGate } from "../support/gate.ts";
import { storeKey } from "../support/keys.ts";
import { heard, receive, send } from "../support/sockets.ts";
import { postSpeech } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";

const path = "/v1/audio/speech/batch";

let spoken: Awaited<ReturnType<typeof startTestOrigin>>;
let staged: FramesOrigin;
let edges: Edges<"edge" | "keyed">;
let edge: string;

beforeAll(async () => {
  spoken = await startTestOrigin();
  staged = await startFramesOrigin();
  edges = await startEdges({
    edge: { ORIGIN_URLS: spoken.url, AUDIO: "audio", FLIGHTS: true },
    keyed: { ORIGIN_URLS: staged.url, AUTH: "keys", AUDIO: "staged", FLIGHTS: true },
  });
  edge = edges.urls.edge;
});

beforeEach(() => staged.behave(speak(() => framesOf(noise(100)))));

afterAll(async () => {
  await edges.close();
  await spoken.close();
  await staged.close();
});

const failure = (code: string) => ({
  error: { message: "m", type: "t", param: null, code },
  detail: "m",
});

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  send(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

async function batch(url: string, body: unknown, headers?: Record<string, string>) {
  return receive(await post(url, body, headers).head);
}

// biome-ignore lint/suspicious/noExplicitAny: the lines are what is tested
type Line = Record<string, any>;

async function lines(...asked: Parameters<typeof batch>): Promise<Line[]> {
  const { status, headers, body, ended } = await batch(...asked);
  expect({ status, ended, type: headers["content-type"] }).toEqual({
    status: 200,
    ended: "complete",
    type: "application/jsonl; charset=utf-8",
  });
  const text = body.toString();
  expect(text.endsWith("\n")).toBe(true);
  const parsed: Line[] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return parsed.toSorted((a, b) => a.index - b.index);
}

const asked = {
  defaults: { model: "tts-1", voice: "alloy", response_format: "wav" },
  items: [
    { custom_id: "one", input: "A first sentence." },
    { custom_id: "two", input: "A second one.", voice: "nova", response_format: "mp3" },
    { custom_id: "bad", input: "A third one.", voice: "nobody" },
    { input: "A fourth one.", speed: 1.5, stream: false },
    { custom_id: "one", input: "A first sentence." },
  ],
};

describe.each(["edge", "origin"] as const)("a batch at the %s", (program) => {
  const url = () => (program === "edge" ? edge : spoken.url);

  it("answers a line of JSON for each item, with the file of a single request", async () => {
    const all = await lines(url(), asked);
    expect(all.map(({ index, custom_id, status }) => [index, custom_id, status])).toEqual([
      [0, "one", 200],
      [1, "two", 200],
      [2, "bad", 400],
      [3, null, 200],
      [4, "one", 200],
    ]);
    const [first, second, third, fourth, fifth] = all;
    expect(third).toMatchObject({
      error: { type: "invalid_request_error", param: "voice", code: "voice_not_found" },
      detail: third?.error.message,
    });
    expect(second).toMatchObject({
      content_type: "audio/mpeg",
      format: "mp3",
      voice: "nova",
      model: "tts-1",
      engine: "builtin",
      finish: "stop",
      usage: { total_tokens: expect.any(Number) },
    });
    expect(fourth?.ignored_fields).toBe("stream");
    const alone = await postSpeech(url(), { ...asked.defaults, ...asked.items[0], stream: false });
    const file = Buffer.from(await alone.arrayBuffer());
    expect(Buffer.from(first?.audio, "base64").equals(file)).toBe(true);
    expect(first?.seed).toBe(Number(alone.headers.get("x-seed")));
    expect(first?.bytes).toBe(file.byteLength);
    expect(fifth?.audio).toBe(first?.audio);
  });

  it("answers a ZIP that unzip takes, with the same files, errors and a manifest", async () => {
    const { headers, body } = await batch(url(), { ...asked, output: "zip" });
    expect(headers["content-type"]).toBe("application/zip");
    const folder = mkdtempSync(join(tmpdir(), "batch-"));
    try {
      writeFileSync(join(folder, "speech.zip"), body);
      const listed = execFileSync("unzip", ["-v", "speech.zip"], { cwd: folder }).toString();
      expect(listed.match(/\bStored\b/g)).toHaveLength(6);
      execFileSync("unzip", ["-q", "speech.zip", "-d", "files"], { cwd: folder });
      const read = (name: string) => readFileSync(join(folder, "files", name));
      const { items } = JSON.parse(read("manifest.json").toString());
      expect(items.map(({ name }: Line) => name).toSorted()).toEqual([
        "004.wav",
        "bad.error.json",
        "one (2).wav",
        "one.wav",
        "two.mp3",
      ]);
      expect(items.map(({ index }: Line) => index)).toEqual([0, 1, 2, 3, 4]);
      const all = await lines(url(), asked);
      for (const [index, { name, audio }] of all
        .map((line, i) => [i, { ...line, name: items[i].name }] as [number, Line])
        .filter(([, { status }]) => status === 200)) {
        expect(read(name).toString("base64"), `${index}: ${name}`).toBe(audio);
      }
      expect(JSON.parse(read("bad.error.json").toString()).error.param).toBe("voice");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ["more than 128 items", { items: Array.from({ length: 129 }, () => asked.items[0]) }, 400],
    ["no items", { items: [] }, 400],
    ["no batch", [], 400],
  ])("is refused with %s", async (_, body, status) => {
    const answer = await batch(url(), body);
    expect(answer.status).toBe(status);
    const { error, detail } = JSON.parse(answer.body.toString());
    expect(error.message).toBe(detail);
    expect(error.message).toMatch(/(must have 1 to 128 entries|must be)/);
  });

  it("takes a body of up to 8 MiB, and says so before it has read a larger one", async () => {
    const item = { input: "a".repeat(4097), instructions: "é".repeat(4000) };
    const [line] = await lines(url(), { items: Array.from({ length: 128 }, () => item) });
    expect(line?.error.message).toMatch(/^input must have at most 4096 characters/);

    const headers = { "content-type": "application/json", "content-length": 8 * 1024 * 1024 + 1 };
    const asking = request(url() + path, { method: "POST", headers, agent: false });
    asking.flushHeaders();
    const [answer] = await once(asking, "response");
    const { status, body } = await receive(answer);
    asking.destroy();
    expect(status).toBe(413);
    expect(JSON.parse(body.toString()).error.message).toBe(
      "The body must be at most 8388608 bytes; it has 8388609",
    );
  });
});

it("each item has its own place in the edge's cache", async () => {
  const items = ["What has been heard.", "What has not been heard."].map((input) => ({ input }));
  const single = await postSpeech(edge, items[0]);
  expect(single.headers.get("x-cache")).toBe("MISS");
  await single.arrayBuffer();
  const first = await lines(edge, { items: [...items, { input: "What has not been heard." }] });
  expect(first[0]?.cache).toBe("HIT");
  expect([first[1]?.cache, first[2]?.cache].toSorted()).not.toContain("HIT");
  expect([first[1]?.cache, first[2]?.cache]).toContain("MISS");
  const again = await lines(edge, { items });
  expect(again.map(({ cache }) => cache)).toEqual(["HIT", "HIT"]);
});

it("tells of each item when it is said, where that is asked for, and what it spoke through", async () => {
  const items = [
    { input: "One word here." },
    { input: "<speak>Two <audio/> words.</speak>", timestamps: "word" },
  ];
  for (const url of [edge, spoken.url]) {
    const [without, told] = await lines(url, { ...asked, items });
    expect(without).not.toHaveProperty("timestamps");
    const { words, segments } = told?.timestamps ?? {};
    expect(words).toMatchObject([{ word: "Two" }, { word: "words" }]);
    expect(segments).toHaveLength(1);
    expect(told?.ignored_elements).toBe("audio");
  }
});

describe("a batch of a key", () => {
  it("takes its characters before, counts each item as a request, and gives back what failed", async () => {
    const { headers } = await storeKey(edges, { characters_per_day: 100, requests_per_minute: 50 });
    staged.behave(answerWith(500, failure("server_error")));
    const items = [{ input: "1234567890" }, { input: "12345", voice: "nobody" }];
    const failed = await receive(await post(edges.urls.keyed, { items }, headers).head);
    expect(failed.headers).toMatchObject({
      "x-ratelimit-remaining-characters": "90",
      "x-ratelimit-remaining-requests": "49",
    });
    expect(JSON.parse(failed.body.toString().split("\n")[1] ?? "").status).toBe(500);

    staged.behave(speak(() => framesOf(noise(100))));
    const left = async () => {
      const { headers: told } = await batch(edges.urls.keyed, { items: [{ input: "a" }] }, headers);
      return Number(told["x-ratelimit-remaining-characters"]);
    };
    await expect.poll(left).toBeGreaterThan(90);
  });

  it.each([
    [{ characters_per_day: 15 }, "insufficient_quota"],
    [{ requests_per_minute: 1 }, "rate_limit_exceeded"],
  ])("that has %j left is refused before any item is begun", async (limits, code) => {
    const { headers } = await storeKey(edges, limits);
    const orders = staged.orders.length;
    const items = [{ input: "1234567890" }, { input: "0123456789" }];
    const { status, headers: told, body } = await batch(edges.urls.keyed, { items }, headers);
    expect(status).toBe(429);
    expect(told["x-should-retry"]).toBe("false");
    expect(JSON.parse(body.toString()).error.code).toBe(code);
    expect(staged.orders).toHaveLength(orders);
  });

  it("that may not use a model has those items refused alone", async () => {
    const { headers } = await storeKey(edges, { models: ["tts-1"] });
    const items = [{ input: "May." }, { input: "May not.", model: "tts-1-hd" }];
    const all = await lines(edges.urls.keyed, { items }, headers);
    expect(all.map(({ status }) => status)).toEqual([200, 403]);
    expect(all[1]?.error.code).toBe("model_not_allowed");
  });
});

it.each(["jsonl", "zip"])(
  "a few items are in the making at once, marked as a batch's, and a client of %s that leaves stops them",
  async (output) => {
    const { headers } = await storeKey(edges, {});
    const gate = createGate();
    staged.behave(speak(() => framesOf(noise(3000), { between: () => gate.opened })));
    const before = staged.orders.length;
    const items = Array.from({ length: 20 }, (_, i) => ({ input: `${output} item ${i}.` }));
    const sent = post(edges.urls.keyed, { items: [{ input: " " }, ...items], output }, headers);
    // What is ready is sent before the rest is.
    await heard(await sent.head, 10);
    await expect.poll(() => staged.orders.length).toBe(before + 4);
    const orders = staged.orders.slice(before);
    expect(orders.map((order) => order.headers["x-batch"])).toEqual(["1", "1", "1", "1"]);

    sent.reset();

    expect(await Promise.all(orders.map(({ over }) => over))).toEqual([false, false, false, false]);
    gate.open();
    expect(staged.orders).toHaveLength(before + 4);
  },
);

it("an item that a busy origin refuses is asked for again", async () => {
  const { headers } = await storeKey(edges, {});
  let refusals = 1;
  const busy = answerWith(503, failure("server_is_overloaded"), { "retry-after": "1" });
  const speaks = speak(() => framesOf(noise(100)));
  staged.behave((answer) => (refusals-- > 0 ? busy(answer) : speaks(answer)));
  const [line] = await lines(edges.urls.keyed, { items: [{ input: "In a while." }] }, headers);
  expect(line?.status).toBe(200);
});
