import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sendSpeech } from "../support/edge-speech.ts";
import { openSocket } from "../support/socket-client.ts";
import { heard, send } from "../support/sockets.ts";
import { pangrams } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

/** So slow that whatever else there is to do between two chunks is done. */
const chunkMilliseconds = 320;

/** A listener who has come to where he is to leave. */
interface Listening {
  /** What is spoken for him, or waits to be. */
  answers: number;
  leave(): void;
}

let system: TestSystem;

beforeAll(async () => {
  process.env.BUILTIN_PACE = String(80 / chunkMilliseconds);
  // However late it is spoken, so many at once.
  system = await startSystem({ MAX_WAIT_SECONDS: "86400" }, { FLIGHTS: true, AUDIO: "audio" });
});

afterAll(async () => {
  delete process.env.BUILTIN_PACE;
  await system.close();
});

function counters() {
  const { builtin } = system.origin.engines;
  if (!builtin) throw new Error("no engine");
  return builtin.counters;
}

async function activeStreams(): Promise<number> {
  const metrics = await (await fetch(`${system.origin.url}/metrics`)).text();
  return Number(/^tts_active_streams (\d+)$/m.exec(metrics)?.[1]);
}

let listeners = 0;

/** Fourteen seconds, that nobody else asks for. */
function text(): string {
  return `Number ${listeners++}. ${pangrams}`;
}

/** Resolves when the engine has begun something that it has not made a sound of. */
async function begun<T>(ask: () => T, answers = 1): Promise<T> {
  const before = counters().utterances;
  const asked = ask();
  await expect.poll(() => counters().utterances, { interval: 2 }).toBe(before + answers);
  return asked;
}

async function spoken(chunks: number): Promise<void> {
  const before = counters().chunks;
  await expect
    .poll(() => counters().chunks, { interval: 5 })
    .toBeGreaterThanOrEqual(before + chunks);
}

async function streamed(url: string, fields: object = {}): Promise<Listening> {
  const sent = sendSpeech(url, { input: text(), response_format: "pcm", ...fields });
  const answer = await sent.head;
  expect(answer.statusCode).toBe(200);
  await heard(answer, 1);
  return { answers: 1, leave: sent.reset };
}

/** Asks on a connection that may be closed by halves: no more comes of him, as some programs say, and he still listens. */
function askByHalves(url: string): Socket {
  const { hostname, port, host } = new URL(url);
  const body = JSON.stringify({ input: text(), response_format: "pcm" });
  const head = [
    "POST /v1/audio/speech HTTP/1.1",
    `Host: ${host}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on("error", () => undefined);
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  return socket;
}

const places: Record<string, (url: string) => Promise<Listening>> = {
  async "before the first byte"(url) {
    const sent = await begun(() => sendSpeech(url, { input: text(), response_format: "pcm" }));
    return { answers: 1, leave: sent.reset };
  },
  "midway in a file": (url) => streamed(url),
  "midway in server-sent events": (url) => streamed(url, { stream_format: "sse" }),
  async "while a file is held until it is whole"(url) {
    const sent = await begun(() => sendSpeech(url, { input: text(), stream: false }));
    await spoken(1);
    return { answers: 1, leave: sent.reset };
  },
  async "while base64 is made"(url) {
    const path = "/v1/audio/speech/base64";
    const sent = await begun(() => sendSpeech(url, { input: text() }, { path }));
    await spoken(1);
    return { answers: 1, leave: sent.reset };
  },
  async "in a preview"(url) {
    // One of two languages, so that neither program's listener joins the other's.
    const language = url === system.url ? "german" : "french";
    const path = `/v1/audio/voices/alloy/preview.mp3?language=${language}`;
    const sent = await begun(() => send(url + path));
    await spoken(1);
    return { answers: 1, leave: sent.reset };
  },
  async "in a batch, most of which waits"(url) {
    const items = Array.from({ length: 9 }, () => ({ input: text() }));
    const sent = await begun(
      () =>
        send(`${url}/v1/audio/speech/batch`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ items }),
        }),
      4,
    );
    return { answers: 4, leave: sent.reset };
  },
  async "by closing a WebSocket"(url) {
    const client = await openSocket(url);
    client.send({ type: "session.update", session: { response_format: "pcm" } });
    for (const id of ["a", "b"]) client.append(id, text().repeat(2));
    await Promise.all(["a", "b"].map((id) => client.until("response.created", id)));
    return { answers: 2, leave: () => client.socket.close(1000) };
  },
  async "by vanishing, after the request's end was told"(url) {
    if (url === system.url) {
      const socket = await begun(() => askByHalves(url));
      socket.end();
      await once(socket, "data");
      return { answers: 1, leave: () => void socket.resetAndDestroy() };
    }
    // To Node he has left as soon as he says so.
    const socket = await begun(() => askByHalves(url));
    return { answers: 1, leave: () => void socket.end() };
  },
};

/** How many chunks have been made when none has come for so long that every stream would have made two. */
async function chunksInTheEnd(): Promise<number> {
  for (let last = counters().chunks; ; ) {
    await delay(2.5 * chunkMilliseconds);
    if (counters().chunks === last) return last;
    last = counters().chunks;
  }
}

it.each(["origin", "edge"] as const)(
  "who leaves the %s, in whatever place, frees it at once, and the engine makes no more than a chunk for him",
  async (program) => {
    const url = program === "origin" ? system.origin.url : system.url;
    const present: (Listening & { place: string })[] = [];
    for (const [place, come] of Object.entries(places)) {
      present.push({ place, ...(await come(url)) });
    }
    const all = present.reduce((sum, { answers }) => sum + answers, 0);
    expect(await activeStreams()).toBe(all);

    const { utterances } = counters();
    let active = all;
    for (const { place, answers, leave } of present) {
      const before = counters().chunks;
      leave();
      active -= answers;
      await expect.poll(activeStreams, { interval: 2, message: place }).toBe(active);
      // What all make in the time of one chunk.
      expect(counters().chunks - before, place).toBeLessThanOrEqual(all);
    }
    const { chunks } = counters();
    expect((await chunksInTheEnd()) - chunks).toBeLessThanOrEqual(all);
    // Nothing that waited has been begun.
    expect(counters().utterances).toBe(utterances);
  },
);
