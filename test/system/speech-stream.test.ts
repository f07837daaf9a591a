import { type IncomingMessage, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Origin, startOrigin } from "../../origin/http/server.ts";
import { readSettings } from "../../origin/settings.ts";
import { defaultSocketLimits, type SocketLimits } from "../../origin/socket/limits.ts";
import { socketPath } from "../../shared/socket.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { openSocket, refusedSocket, type SocketClient } from "../support/socket-client.ts";
import { receive } from "../support/sockets.ts";
import { startTestOrigin } from "../support/system.ts";

const words =
  "The quick brown fox jumps over the lazy dog. Pack my box with five dozen liquor jugs! Is it Dr. Smith at No. 3? ";

const pcm = { type: "session.update", session: { response_format: "pcm", seed: 7 } };

async function startWith(limits: Partial<SocketLimits>, environment: Record<string, string> = {}) {
  const settings = { ORIGIN_PORT: "0", LOG_LEVEL: "silent", DRAIN_SECONDS: "20", ...environment };
  const origin = await startOrigin(readSettings(settings), {
    socketLimits: { ...defaultSocketLimits, ...limits },
  });
  await origin.engines.settled();
  return origin;
}

let origin: Origin;
let edge: Edge;

beforeAll(async () => {
  origin = await startTestOrigin();
  edge = await startEdge({ ORIGIN_URLS: origin.url });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

async function say(client: SocketClient, id: string, pieces: readonly string[]): Promise<Buffer> {
  for (const piece of pieces) client.append(id, piece);
  client.done(id);
  expect(await client.until("response.done", id)).toMatchObject({ reason: "complete" });
  return client.audioOf(id);
}

it("blames a writer's pauses on no engine", async () => {
  const client = await openSocket(origin.url);
  client.send({ type: "session.update", session: { response_format: "alaw" } });
  client.append("a", "One. ");
  client.send({ type: "input.flush", context_id: "a" });
  await client.until("response.created", "a");
  // Longer than that is heard.
  await delay(2000);
  client.append("a", "Now the rest.");
  client.done("a");
  expect(await client.until("response.done", "a")).toMatchObject({ reason: "complete" });
  client.socket.close();
  const metrics = await (await fetch(`${origin.url}/metrics`)).text();
  expect(metrics).toMatch(/^tts_underruns_total\{.*format="alaw"\} 0$/m);
});

describe.each(["origin", "edge"] as const)("a socket at the %s", (program) => {
  const url = () => (program === "origin" ? origin.url : edge.url);

  it("speaks a text that comes in pieces as the same text in one", async () => {
    const client = await openSocket(url());
    expect(await client.until("session.created")).toMatchObject({
      sequence: 1,
      session: { model: "tts-1", voice: "alloy", response_format: "mp3" },
    });
    client.send(pcm);
    expect(await client.until("session.updated")).toMatchObject({
      session: { response_format: "pcm", seed: 7 },
    });

    const whole = await say(client, "whole", [words]);
    const pieces = await say(client, "pieces", words.split(/(?<= )/));

    expect(whole.byteLength).toBeGreaterThan(24_000 * 2 * 4);
    expect(pieces.equals(whole)).toBe(true);
    expect(await client.until("response.created", "whole")).toMatchObject({
      ...{ context_index: 0, resolved_model: "qwen3-tts-12hz-0.6b-custom-voice", voice: "alloy" },
      ...{ engine: "builtin", seed: 7, response_format: "pcm", sample_rate: 24_000 },
    });
    expect(await client.until("usage", "whole")).toMatchObject({
      ...{ characters: words.length, unspoken_characters: 0 },
    });
    client.socket.close(1000);
    expect((await client.closed).code).toBe(1000);
  });

  it("numbers its messages without a gap, and speaks contexts side by side", async () => {
    const client = await openSocket(url());
    client.send({ type: "session.update", session: { audio_delivery: "base64" } });
    client.send({ type: "session.update", context_id: "b", session: { response_format: "wav" } });
    for (const id of ["a", "b"]) {
      client.append(id, words);
      client.done(id);
    }
    await Promise.all(["a", "b"].map((id) => client.until("response.done", id)));
    const numbers = client.messages.map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const begins = (id: string) =>
      Buffer.from(
        String(
          client.messages.find(
            ({ type, context_id }) => type === "response.audio.delta" && context_id === id,
          )?.audio,
        ),
        "base64",
      );
    expect(begins("b").subarray(0, 4).toString()).toBe("RIFF");
    expect(begins("a").subarray(0, 4).toString()).not.toBe("RIFF");
    client.socket.close();
    await client.closed;
  });

  it("speaks before the text has ended, a word every 10 ms, and without a gap of its own", async () => {
    const client = await openSocket(url());
    client.send(pcm);
    const text = Array.from({ length: 400 }, (_, i) => (i % 12 === 11 ? "over. " : "word "));
    let firstAt = 0;
    const created = client.until("response.created", "llm").then(() => {
      firstAt = performance.now();
    });
    for (const word of text) {
      client.append("llm", word);
      await delay(10);
    }
    const endedAt = performance.now();
    client.done("llm");
    await created;
    const done = await client.until("response.done", "llm");
    expect(firstAt).toBeLessThan(endedAt);
    expect(done).toMatchObject({ reason: "complete", characters: text.join("").length });
    const whole = await say(client, "whole", [text.join("")]);
    expect(client.audioOf("llm").equals(whole)).toBe(true);
    client.socket.close();
  });

  it("tells what it cannot heed in the API's words, and goes on", async () => {
    const client = await openSocket(url());
    const update = (session: object) => ({ type: "session.update", session });
    const cases: [object | string | Buffer, string, string | null][] = [
      ["{", "invalid_json", null],
      ["[]", "invalid_value", null],
      [Buffer.from([1, 2, 3]), "invalid_json", null],
      [{ type: "input.what" }, "invalid_value", "type"],
      [{ type: "input.append", text: "x" }, "missing_required_parameter", "context_id"],
      [{ type: "input.append", context_id: "a", text: 3 }, "invalid_value", "text"],
      [
        { type: "input.append", context_id: "x".repeat(65), text: "" },
        "invalid_value",
        "context_id",
      ],
      [{ type: "input.flush", context_id: "nobody" }, "context_not_found", null],
      [{ type: "response.cancel", context_id: "nobody" }, "context_not_found", null],
      [update({ voice: "nobody" }), "voice_not_found", "voice"],
      [update({ speed: 9 }), "invalid_value", "speed"],
      [update({ input: "Hello" }), "invalid_value", "input"],
      [update({ markup: "tags" }), "invalid_value", "markup"],
      [update({ audio_delivery: "pigeon" }), "invalid_value", "audio_delivery"],
      [
        { type: "input.append", context_id: "long", text: "x".repeat(4097) },
        "too_much_unspoken_text",
        "text",
      ],
    ];
    for (const [message] of cases) client.send(message);
    client.append("good", words);
    client.done("good");
    client.append("good", "More.");
    await client.until("response.done", "good");
    client.append("good", "Even more.");
    client.send({ type: "input.append", context_id: "blank", text: " \n" });
    client.done("blank");
    client.append("thai", "สวัสดีครับ ยินดีต้อนรับสู่ประเทศไทย");
    client.done("thai");
    await Promise.all(["blank", "thai"].map((id) => client.until("response.done", id)));

    const errors = client.messages.filter(({ type }) => type === "error");
    expect(errors.map(({ error }) => [error?.code, error?.param])).toEqual([
      ...cases.map(([, code, param]) => [code, param]),
      ["context_ended", "context_id"],
      ["context_ended", "context_id"],
      ["string_below_min_length", "text"],
      ["unsupported_language", "text"],
    ]);
    expect(errors.at(-1)).toMatchObject({ context_id: "thai", status: 400 });
    expect(await client.until("response.done", "good")).toMatchObject({ reason: "complete" });
    client.socket.close();
  });

  it("tells when words are said, by their places in all of the text", async () => {
    const client = await openSocket(url());
    client.send({ ...pcm, session: { response_format: "pcm", timestamps: "word" } });
    const text = "Söme wörds 😀 come first, now. Others cóme after these, later. And last ones.";
    await say(client, "a", [...text].map(String));
    const told = client.messages.filter(({ type }) => type === "speech.word");
    const codePoints = [...text];
    const said = told.map(({ char_start, char_end }) =>
      codePoints.slice(Number(char_start), Number(char_end)).join(""),
    );
    expect(said.join(" ")).toContain("Others cóme after these");
    expect(said.at(-1)).toContain("ones");
    expect(told.every(({ context_id }) => context_id === "a")).toBe(true);
    client.socket.close();
    await client.closed;
  });

  it("refuses a seventeenth context", async () => {
    const client = await openSocket(url());
    for (let i = 0; i < 17; i++) client.append(`c${i}`, "a");
    expect(await client.until("error")).toMatchObject({
      context_id: "c16",
      error: { code: "too_many_contexts" },
    });
    client.socket.close();
    await client.closed;
  });

  it("closes a socket that sends 2 MiB at once", async () => {
    const client = await openSocket(url());
    await client.until("session.created");
    client.append("a", "x".repeat(2 * 1024 * 1024));
    expect((await client.closed).code).toBe(1009);
  });

  it("answers who asks for no socket with 426", async () => {
    const answer = await fetch(`${url()}${socketPath}`);
    expect(answer.status).toBe(426);
    // workerd writes no such header.
    if (program === "origin") expect(answer.headers.get("upgrade")).toBe("websocket");
    expect(await answer.json()).toMatchObject({ error: { code: "upgrade_required" } });
    const posted = await fetch(`${url()}${socketPath}`, { method: "POST" });
    expect(posted.status).toBe(405);
  });

  it("goes on after a lost connection with what was not received", async () => {
    const client = await openSocket(url());
    client.send(pcm);
    const { session_id } = await client.until("session.created");
    client.append("a", words);
    await client.until("response.created", "a");
    client.socket.terminate();
    await client.closed;
    const query = {
      session_id: String(session_id),
      last_sequence: String(client.lastSequence()),
    };
    const again = await openSocket(url(), { query });
    again.done("a");
    expect(await again.until("response.done", "a")).toMatchObject({ reason: "complete" });
    const audio = Buffer.concat([client.audioOf("a"), ...(again.audio.get(0) ?? [])]);
    const whole = await say(again, "whole", [words]);
    expect(audio.equals(whole)).toBe(true);
    again.socket.close();
    await again.closed;
    const gone = await openSocket(url(), { query });
    expect((await gone.closed).code).toBe(4410);
  });

  it("stops the engine at once when a context is cancelled, and speaks another", async () => {
    const client = await openSocket(url());
    client.send({ type: "session.update", session: { response_format: "pcm" } });
    client.append("a", words.repeat(20));
    await client.until("response.created", "a");
    client.send({ type: "response.cancel", context_id: "a" });
    const done = await client.until("response.done", "a");
    expect(done).toMatchObject({ reason: "cancelled" });
    expect(Number(done.unspoken_characters)).toBeGreaterThan(0);
    const heard = client.audioOf("a").byteLength;
    await say(client, "b", ["Something else."]);
    expect(client.audioOf("a").byteLength).toBe(heard);
    client.socket.close();
    await client.closed;
  });
});

describe("the origin's sockets", () => {
  const short = { firstMessageMs: 300, contextIdleMs: 1000, resumeMs: 300 };
  let short1: Origin;

  beforeAll(async () => {
    short1 = await startWith(short, {
      MAX_STREAMS: "1",
      BUILTIN_PACE: "1",
      ORIGIN_TOKEN: "secret",
    });
  });

  afterAll(() => short1.close());

  const headers = { authorization: "Bearer secret" };
  const open = (query = {}) => openSocket(short1.url, { headers, query });

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${short1.url}/metrics`, { headers })).text();
    const lines = text.split("\n").filter((line) => new RegExp(`^${name}(\\{| )`).test(line));
    return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  }

  it("are for those with its token", async () => {
    const refused = await refusedSocket(short1.url);
    expect(refused).toMatchObject({ status: 401, body: { error: { code: "invalid_api_key" } } });
  });

  it("close when nothing is ever sent, and say so", async () => {
    expect(await (await open()).closed).toEqual({ code: 4408, reason: "no message within 0.3 s" });
  });

  it("end a context that waits for text too long, when all of it has been spoken", async () => {
    const client = await open();
    client.append("a", "This is all.");
    expect(await client.until("response.done", "a")).toMatchObject({
      ...{ reason: "idle", characters: 12, unspoken_characters: 0 },
    });
    client.socket.close();
    await client.closed;
  });

  it("hold a place for who speaks alone, and free it within a chunk at a cancel", async () => {
    const client = await open();
    client.send(pcm);
    client.append("silent", "No");
    client.append("speaks", words.repeat(10));
    await client.until("response.created", "speaks");
    expect(await metric("tts_active_streams")).toBe(1);

    client.append("refused", words);
    expect(await client.until("error", "refused")).toMatchObject({
      status: 503,
      error: { code: "server_is_overloaded" },
    });
    expect(await client.until("response.done", "refused")).toMatchObject({ reason: "failed" });

    for (const id of ["silent", "speaks"]) {
      client.send({ type: "response.cancel", context_id: id });
      await client.until("response.done", id);
    }
    expect(await metric("tts_active_streams")).toBe(0);
    const chunks = await metric("tts_engine_chunks_total");
    await delay(300);
    expect((await metric("tts_engine_chunks_total")) - chunks).toBeLessThanOrEqual(1);
    expect(await say(client, "next", ["At once."])).not.toHaveLength(0);
    client.socket.close();
    await client.closed;
  });

  it("forget a session that nobody comes back to, and give its place back", async () => {
    const before = await metric("tts_socket_sessions_total");
    const client = await open();
    const { session_id } = await client.until("session.created");
    client.append("a", words.repeat(10));
    await client.until("response.created", "a");
    client.socket.terminate();
    await expect.poll(() => metric("tts_socket_sessions_total")).toBe(before + 1);
    await expect.poll(() => metric("tts_active_streams")).toBe(0);
    const again = await open({ session_id: String(session_id), last_sequence: "1" });
    expect((await again.closed).code).toBe(4410);
  });

  it("pause for who reads nothing, and close in the end", async () => {
    const stalling = await startWith({ bufferedBytes: 1000, stallMs: 500 });
    const client = await openSocket(stalling.url);
    client.send({ ...pcm, session: { response_format: "pcm", sample_rate: 48_000 } });
    client.append("a", words.repeat(36));
    await client.until("response.created", "a");
    client.socket.pause();
    await expect
      .poll(async () =>
        (await (await fetch(`${stalling.url}/metrics`)).text()).includes('outcome="slow_reader"'),
      )
      .toBe(true);
    client.socket.resume();
    expect(await client.closed).toEqual({ code: 4408, reason: "nothing was read for too long" });
    await stalling.close();
  });

  it("finish what they speak when the origin stops, then close as going away", async () => {
    const stopping = await startWith({});
    const client = await openSocket(stopping.url);
    client.send(pcm);
    client.append("a", words);
    await client.until("response.created", "a");
    const closing = stopping.close();
    expect(await client.until("response.done", "a")).toMatchObject({
      ...{ reason: "complete", characters: words.length },
    });
    expect((await client.closed).code).toBe(1001);
    await closing;
  });

  it("leave requests alone that would change to other protocols", async () => {
    const body = JSON.stringify({ input: "Hello." });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(`${origin.url}/v1/audio/speech`, {
        method: "POST",
        headers: {
          ...{ connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMA" },
          ...{ "content-type": "application/json", "content-length": body.length },
        },
      });
      asked.on("response", resolve).on("error", reject).end(body);
    });
    expect((await receive(answer)).ended).toBe("complete");
    expect(answer.statusCode).toBe(200);
  });
});
