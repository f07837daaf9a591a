import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createUrlSigner } from "../../../edge/signature.ts";
import { base64AnswerSchema } from "../../../shared/answers.ts";
import { wavHeader } from "../../../shared/wav-header.ts";
import { type Edges, startEdges } from "../../support/edge.ts";
import { sendSpeech, speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { endOf, framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";
import { createGate } from "../../support/gate.ts";
import { makeKey, type TestKey } from "../../support/keys.ts";
import { receive, send } from "../../support/sockets.ts";
import { mintToken } from "../../support/tokens.ts";

const audio = noise(50_000);
const etag = `"${endOf(audio).sha256}"`;
const secret = "a secret of at least thirty-two characters";
const missing = `/v1/audio/speech/${"0".repeat(64)}.mp3`;

let origin: FramesOrigin;
let edges: Edges<"open" | "keys" | "unsigned">;
let authorization: string;
let limited: TestKey;
let speaker: TestKey;
let texts = 0;

beforeAll(async () => {
  origin = await startFramesOrigin();
  const shop = await makeKey();
  authorization = shop.headers.authorization;
  limited = await makeKey({ models: ["tts-1-hd"] });
  speaker = await makeKey({ scopes: ["speech", "tokens"] });
  const settings = { ORIGIN_URLS: origin.url, AUDIO: "audio", FLIGHTS: true };
  const API_KEYS = JSON.stringify([shop.record, limited.record, speaker.record]);
  edges = await startEdges({
    open: { ...settings, URL_SIGNING_SECRET: secret },
    keys: {
      ...settings,
      URL_SIGNING_SECRET: secret,
      TOKEN_SIGNING_SECRET: secret,
      AUTH: "keys",
      API_KEYS,
    },
    unsigned: settings,
  });
  says();
  // From then on the edges know the revision.
  for (const edge of ["open", "unsigned"] as const) await speech(edges.urls[edge]);
  await speech(edges.urls.keys, {}, { headers: { authorization } });
  await speech(edges.urls.keys, { model: "tts-1-hd" }, { headers: { authorization } });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

function says(bytes = audio): void {
  origin.behave(speak(() => framesOf(bytes)));
}

async function get(
  path: string,
  headers: Record<string, string> = {},
  edge: keyof typeof edges.urls = "open",
  method = "GET",
) {
  return receive(await send(edges.urls[edge] + path, { method, headers }).head);
}

/** What a page sends with a token of the shop. */
async function tokenFor(fields: object): Promise<{ authorization: string }> {
  const { body } = await mintToken(edges.urls.keys, { authorization }, fields);
  return { authorization: `Bearer ${body.token}` };
}

/** The link to a file that was just spoken and stored. */
async function newFile(fields = {}): Promise<string> {
  const input = `Text number ${texts++}.`;
  const { headers } = await speech(edges.urls.open, { input, ...fields });
  const link = String(headers["content-location"]);
  await expect
    .poll(async () => (await speech(edges.urls.open, { input, ...fields })).headers["x-cache"])
    .toBe("HIT");
  return link;
}

describe("GET /v1/audio/speech/{id}.{format}", () => {
  test("serves a stored file inline, with what is known of it", async () => {
    says();
    const { status, headers, body } = await get(await newFile());
    expect(status).toBe(200);
    expect(body.equals(audio)).toBe(true);
    expect(headers).toMatchObject({
      "content-type": "audio/mpeg",
      "content-disposition": 'inline; filename="speech.mp3"',
      "content-length": "50000",
      "accept-ranges": "bytes",
      "cache-control": "private, max-age=2592000",
      "cache-status": expect.stringMatching(/^qwen3-tts-edge; hit; ttl=\d+$/),
      age: expect.stringMatching(/^\d+$/),
      etag,
      "x-cache": "HIT",
      "x-engine": "builtin",
      "x-seed": "7",
      "x-sample-rate": "24000",
    });
  });

  test.each([
    ["bytes=0-99", 0, 100],
    ["bytes=49990-", 49_990, 50_000],
    ["bytes=-1", 49_999, 50_000],
    ["bytes=0-", 0, 50_000],
  ])("gives the range %s", async (range, first, end) => {
    const { status, headers, body } = await get(await newFile(), { range, "if-range": etag });
    expect(status).toBe(206);
    expect(headers["content-range"]).toBe(`bytes ${first}-${end - 1}/50000`);
    expect(headers["content-length"]).toBe(String(end - first));
    expect(body.equals(audio.subarray(first, end))).toBe(true);
  });

  test("gives all of it for a range of another file, and an error for one beyond", async () => {
    const file = await newFile();
    expect((await get(file, { range: "bytes=0-9", "if-range": '"other"' })).status).toBe(200);
    const beyond = await get(file, { range: "bytes=50000-" });
    expect(beyond.status).toBe(416);
    expect(beyond.headers["content-range"]).toBe("bytes */50000");
    expect(JSON.parse(beyond.body.toString()).error.code).toBe("range_not_satisfiable");
  });

  test.each([
    ["GET", 200, {}],
    ["HEAD", 200, {}],
    ["GET", 206, { range: "bytes=0-9" }],
    ["GET", 304, { "if-none-match": etag }],
    ["GET", 416, { range: "bytes=50000-" }],
  ])("is taken by any page for what it is: %s, %i", async (method, status, asked) => {
    const answer = await get(await newFile(), asked, "open", method);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
    });
  });

  test("is a 412 for who has a part of another file", async () => {
    const file = await newFile();
    const other = await get(file, { "if-match": '"other"', range: "bytes=10-" });
    expect([other.status, other.headers.etag]).toEqual([412, etag]);
    expect(JSON.parse(other.body.toString()).error.code).toBe("precondition_failed");
    const same = await get(file, { "if-match": etag, range: "bytes=10-" });
    expect(same.body.equals(audio.subarray(10))).toBe(true);
  });

  test("gives a part of a file that is being spoken when all of it is there", async () => {
    const gate = createGate();
    origin.behave(speak(() => framesOf(audio, { between: () => gate.opened })));
    const orders = origin.orders.length;
    const leader = await sendSpeech(edges.urls.open, { input: "Asked for as Safari does." }).head;
    const link = String(leader.headers["content-location"]);

    const part = get(link, { range: "bytes=0-1" });
    const matching = get(link, { "if-match": etag });
    const all = await send(edges.urls.open + link, { headers: { range: "bytes=0-" } }).head;
    expect([all.statusCode, all.headers["x-cache"]]).toEqual([200, "JOIN"]);
    gate.open();

    const { status, headers, body } = await part;
    expect([status, headers["content-range"]]).toEqual([206, "bytes 0-1/50000"]);
    expect(body.equals(audio.subarray(0, 2))).toBe(true);
    expect((await matching).body.equals(audio)).toBe(true);
    for (const whole of [all, leader]) expect((await receive(whole)).body.equals(audio)).toBe(true);
    expect(origin.orders.length).toBe(orders + 1);
    says();
  });

  test("is a 304 for who has the file", async () => {
    const conditions = { "if-none-match": `W/${etag}`, range: "bytes=0-9" };
    const { status, headers, body } = await get(await newFile(), conditions);
    expect([status, headers.etag, body.byteLength]).toEqual([304, etag, 0]);
  });

  test("answers HEAD with the head alone, whatever the range", async () => {
    const file = await newFile();
    const { status, headers, body } = await get(file, { range: "bytes=0-9" }, "open", "HEAD");
    expect([status, headers["content-length"], body.byteLength]).toEqual([200, "50000", 0]);
    expect(headers["content-type"]).toBe("audio/mpeg");
  });

  test("serves WAV with its true sizes", async () => {
    says(Uint8Array.from([...wavHeader(24_000), ...noise(1000)]));
    const { body } = await get(await newFile({ response_format: "wav" }));
    expect(body.readUInt32LE(40)).toBe(1000);
    says();
  });

  test.each([
    ["no such file", () => missing],
    [
      "another format than the file's",
      (file: string) => file.replace(".mp3", ".wav").split("?")[0],
    ],
  ])("is a 404 for %s", async (_what, change) => {
    const { status, body } = await get(change(await newFile()) ?? "");
    expect(status).toBe(404);
    expect(JSON.parse(body.toString()).error.code).toBe("audio_not_found");
  });

  test.each(["/v1/audio/speech/abc.mp3", missing.replace("mp3", "exe"), "/v1/audio/speech/x"])(
    "%s is no route",
    async (path) => {
      const { status, body } = await get(path);
      expect([status, JSON.parse(body.toString()).error.code]).toEqual([404, "unknown_url"]);
    },
  );

  test("takes GET and HEAD only", async () => {
    const { status, headers } = await get(missing, {}, "open", "DELETE");
    expect([status, headers.allow]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });

  test("joins a file that is being spoken, and leaves it be", async () => {
    const gate = createGate();
    origin.behave(speak(() => framesOf(audio, { between: () => gate.opened })));
    const orders = origin.orders.length;
    const leader = await send(`${edges.urls.open}/v1/audio/speech`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "tts-1", voice: "alloy", input: "Being spoken." }),
    }).head;
    const link = String(leader.headers["content-location"]);

    expect((await get(link, {}, "open", "HEAD")).status).toBe(200);
    const listener = await send(edges.urls.open + link).head;
    expect(listener.headers).toMatchObject({ "x-cache": "JOIN", "content-type": "audio/mpeg" });
    gate.open();

    expect((await receive(listener)).body.equals(audio)).toBe(true);
    expect((await receive(leader)).body.equals(audio)).toBe(true);
    expect(origin.orders.length).toBe(orders + 1);
    says();
  });
});

test("a key for some models alone finds no file of another", async () => {
  const [other = ""] = (await newFile()).split("?");
  const [own = ""] = (await newFile({ model: "tts-1-hd" })).split("?");
  expect((await get(other, { authorization }, "keys")).status).toBe(200);
  expect((await get(other, limited.headers, "keys")).status).toBe(404);
  expect((await get(own, limited.headers, "keys")).status).toBe(200);
});

test("a key for some models alone joins nothing of another that is being spoken", async () => {
  const gate = createGate();
  origin.behave(speak(() => framesOf(audio, { between: () => gate.opened })));
  const fields = { input: "Not for everybody." };
  const leader = await sendSpeech(edges.urls.keys, fields, { headers: { authorization } }).head;
  const [file = ""] = String(leader.headers["content-location"]).split("?");

  expect((await get(file, limited.headers, "keys", "HEAD")).status).toBe(404);
  expect((await get(file, { authorization }, "keys", "HEAD")).status).toBe(200);
  gate.open();
  await receive(leader);
  expect((await get(file, limited.headers, "keys")).status).toBe(404);
  says();
});

describe("a link", () => {
  test("needs no key, and nothing else goes without one", async () => {
    const file = await newFile();
    expect((await get(file, {}, "keys")).status).toBe(200);
    const [path = ""] = file.split("?");
    const bare = await get(path, {}, "keys");
    expect([bare.status, JSON.parse(bare.body.toString()).error.code]).toEqual([
      401,
      "missing_api_key",
    ]);
    expect((await get(path, { authorization }, "keys")).status).toBe(200);
  });

  describe.each([
    ["for another file", 1000, missing, "invalid_signature"],
    ["that has expired", -1, undefined, "link_expired"],
  ])("%s", (_what, validSeconds, other, code) => {
    async function badLink(): Promise<string> {
      const [path = ""] = (await newFile()).split("?");
      const expires = Math.floor(Date.now() / 1000) + validSeconds;
      return `${path}?${await createUrlSigner([secret]).sign(other ?? path, expires)}`;
    }

    test("is a 403", async () => {
      const { status, body } = await get(await badLink(), {}, "keys");
      expect([status, JSON.parse(body.toString()).error.code]).toEqual([403, code]);
    });

    test("does not keep a good key, or a token, from the file", async () => {
      for (const headers of [{ authorization }, await tokenFor({ scopes: ["files"] })]) {
        const { status, body } = await get(await badLink(), headers, "keys");
        expect(status).toBe(200);
        expect(body.equals(audio)).toBe(true);
      }
    });

    test("does not keep anybody from the file where nobody is asked for a key", async () => {
      expect((await get(await badLink())).status).toBe(200);
    });

    test.each([
      ["a key that is not known", async () => (await makeKey()).headers, 401, "invalid_api_key"],
      ["what is no key", async () => ({ authorization: "Basic a" }), 401, "invalid_api_key"],
      ["a key without the scope", async () => speaker.headers, 403, "insufficient_scope"],
    ])(
      "beside %s is not what is told: the key's own error is",
      async (_key, headersFor, status, told) => {
        const answer = await get(await badLink(), await headersFor(), "keys");
        expect([answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([
          status,
          told,
        ]);
      },
    );
  });

  test("that is good needs no good key beside it", async () => {
    const { headers } = await makeKey();
    expect((await get(await newFile(), headers, "keys")).status).toBe(200);
  });

  test("is for a day, the same within the hour", async () => {
    const link = new URL(await newFile(), "http://edge");
    const seconds = Number(link.searchParams.get("expires")) - Date.now() / 1000;
    expect(seconds).toBeGreaterThan(24 * 60 * 60 - 60);
    expect(seconds).toBeLessThan(25 * 60 * 60);
    expect(Number(link.searchParams.get("expires")) % 3600).toBe(0);
  });

  test("comes with base64 and with the last event, and is good", async () => {
    const path = "/v1/audio/speech/base64";
    const options = { path, headers: { authorization } };
    const json = await speech(edges.urls.keys, { input: "As base64." }, options);
    const { url = "" } = base64AnswerSchema.parse(JSON.parse(json.body.toString()));
    const events = await speech(
      edges.urls.keys,
      { input: "As events.", stream_format: "sse" },
      { headers: { authorization } },
    );
    const done = JSON.parse(
      /data: (.*speech\.audio\.done.*)/.exec(events.body.toString())?.[1] ?? "",
    );
    for (const link of [url, done.url]) {
      await expect.poll(async () => (await fetch(link)).status).toBe(200);
      const answer = await fetch(link);
      expect(Buffer.from(await answer.arrayBuffer()).equals(audio)).toBe(true);
    }
  });

  test.each([
    ["a key", async () => speaker.headers],
    ["a token", async () => tokenFor({ scopes: ["speech"] })],
  ])("is not given to %s that may fetch no files, in any delivery", async (_what, headersFor) => {
    const headers = await headersFor();
    const ask = (fields: Record<string, unknown>, path?: string) =>
      speech(edges.urls.keys, fields, { headers, ...(path ? { path } : {}) });
    const input = `Text number ${texts++}.`;
    const audioOnly = await ask({ input });
    expect(audioOnly.status).toBe(200);
    expect(audioOnly.headers).not.toHaveProperty("content-location");
    const events = await ask({ input, stream_format: "sse" });
    expect(events.body.toString()).toContain("speech.audio.done");
    expect(events.body.toString()).not.toContain('"url"');
    const json = await ask({ input }, "/v1/audio/speech/base64");
    expect(JSON.parse(json.body.toString())).toHaveProperty("audio");
    expect(JSON.parse(json.body.toString())).not.toHaveProperty("url");
    const mayFetch = await tokenFor({});
    const linked = await speech(edges.urls.keys, { input }, { headers: mayFetch });
    expect(linked.headers).toHaveProperty("content-location");
  });

  test("is not given for what is not kept, nor without a secret", async () => {
    const base64 = { path: "/v1/audio/speech/base64" };
    const noStore = { "cache-control": "no-store" };
    const secretly = await speech(edges.urls.open, { input: "A." }, { headers: noStore });
    expect(secretly.headers).not.toHaveProperty("content-location");
    const json = await speech(edges.urls.open, { input: "B." }, { ...base64, headers: noStore });
    expect(JSON.parse(json.body.toString())).not.toHaveProperty("url");
    origin.behave(speak(() => framesOf(audio, { end: { finish: "length" } })));
    const cut = await speech(edges.urls.open, { input: "C." }, base64);
    expect(JSON.parse(cut.body.toString())).not.toHaveProperty("url");
    says();
    origin.behave(speak(() => framesOf(audio), { "cache-control": "no-store" }));
    const kept = await speech(edges.urls.open, { input: "E." }, base64);
    expect(JSON.parse(kept.body.toString())).not.toHaveProperty("url");
    says();
    const unsigned = await speech(edges.urls.unsigned, { input: "D." });
    expect(unsigned.headers).not.toHaveProperty("content-location");
  });
});
