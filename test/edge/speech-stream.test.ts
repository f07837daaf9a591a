import { readFileSync } from "node:fs";
import vm from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Origin } from "../../origin/http/server.ts";
import { socketProtocol, tokenProtocolPrefix } from "../../shared/socket.ts";
import { type Edges, startEdges } from "../support/edge.ts";
import { makeKey, storeKey, type TestKey } from "../support/keys.ts";
import { openSocket, refusedSocket } from "../support/socket-client.ts";
import { startTestOrigin } from "../support/system.ts";
import { mintToken } from "../support/tokens.ts";

const text = "The quick brown fox jumps over the lazy dog. How vexingly quick daft zebras jump! ";
const unreachable = "http://127.0.0.1:9";

let origin: Origin;
let other: Origin;
let edges: Edges<"keys" | "open" | "fleet">;
let key: TestKey;

beforeAll(async () => {
  const environment = { ORIGIN_TOKEN: "between", BUILTIN_PACE: "4" };
  [origin, other] = await Promise.all([startTestOrigin(environment), startTestOrigin(environment)]);
  key = await makeKey({ scopes: ["speech", "tokens"] });
  edges = await startEdges({
    keys: {
      ORIGIN_URLS: origin.url,
      ORIGIN_TOKEN: "old,between",
      AUTH: "keys",
      API_KEYS: JSON.stringify([key.record]),
      TOKEN_SIGNING_SECRET: "s".repeat(32),
    },
    open: { ORIGIN_URLS: origin.url, ORIGIN_TOKEN: "between" },
    fleet: {
      ORIGIN_URLS: `${unreachable},${origin.url},${other.url}`,
      ORIGIN_TOKEN: "between",
    },
  });
});

afterAll(async () => {
  await edges.close();
  await Promise.all([origin.close(), other.close()]);
});

async function quotaLeft(holder: TestKey): Promise<number> {
  const answer = await fetch(`${edges.urls.keys}/v1/audio/speech`, {
    method: "POST",
    headers: { "content-type": "application/json", ...holder.headers },
    body: JSON.stringify({ input: "1" }),
  });
  await answer.arrayBuffer();
  return Number(answer.headers.get("x-ratelimit-remaining-characters"));
}

describe("a socket through the edge", () => {
  it("is for holders of keys and tokens, wherever they show them", async () => {
    const url = edges.urls.keys;
    expect(await refusedSocket(url)).toMatchObject({
      status: 401,
      body: { error: { code: "missing_api_key" } },
    });
    expect(await refusedSocket(url, { query: { token: key.key } })).toMatchObject({ status: 401 });
    const { body } = await mintToken(url, key.headers);
    const protocols = [socketProtocol, `${tokenProtocolPrefix}${body.token}`];
    for (const shown of [
      { headers: key.headers },
      { headers: { "xi-api-key": key.key } },
      { query: { token: body.token } },
      { protocols },
    ]) {
      const client = await openSocket(url, shown);
      await client.until("session.created");
      expect(client.socket.protocol).toBe("protocols" in shown ? socketProtocol : "");
      client.socket.close(1000);
      await client.closed;
    }
  });

  it("speaks with the models that its key may use, alone", async () => {
    const holder = await storeKey(edges, { models: ["tts-1"] });
    const client = await openSocket(edges.urls.keys, holder);
    client.send({ type: "session.update", session: { model: "tts-1-hd" } });
    expect(await client.until("error")).toMatchObject({
      status: 403,
      error: { code: "model_not_allowed", param: "model" },
    });
    client.append("a", text);
    client.done("a");
    expect(await client.until("response.done", "a")).toMatchObject({ reason: "complete" });
    client.socket.close(1000);
    await client.closed;
  });

  it("counts characters as they come, and gives back what was not spoken", async () => {
    const holder = await storeKey(edges, { characters_per_day: 4000 });
    const client = await openSocket(edges.urls.keys, holder);
    client.append("spoken", text);
    client.done("spoken");
    expect(await client.until("response.done", "spoken")).toMatchObject({ reason: "complete" });
    const before = await quotaLeft(holder);

    client.append("long", text.repeat(40));
    await client.until("response.created", "long");
    client.append("more", text.repeat(20));
    expect(await client.until("error", "more")).toMatchObject({
      status: 429,
      error: { code: "insufficient_quota" },
      refused_characters: text.length * 20,
    });
    client.send({ type: "response.cancel", context_id: "long" });
    const done = await client.until("response.done", "long");
    const used = text.length + Number(done.characters);
    client.socket.close(1000);
    await client.closed;

    expect(before).toBeLessThan(4000 - text.length);
    expect(done.unspoken_characters).toBeGreaterThan(text.length * 20);
    // Two requests have asked for a character each, to see.
    await expect.poll(() => quotaLeft(holder)).toBeGreaterThan(4000 - used - 50);
  });

  it("refuses one socket more than a key may have requests a minute", async () => {
    const holder = await storeKey(edges, { requests_per_minute: 1 });
    const client = await openSocket(edges.urls.keys, holder);
    expect(await refusedSocket(edges.urls.keys, holder)).toMatchObject({
      status: 429,
      body: { error: { code: "rate_limit_exceeded" } },
    });
    client.socket.close(1000);
    await client.closed;
  });

  it("finds the origin of a session again, past one that cannot be reached", async () => {
    for (let i = 0; i < 4; i++) {
      const client = await openSocket(edges.urls.fleet);
      const { session_id } = await client.until("session.created");
      client.append("a", text);
      await client.until("response.created", "a");
      client.socket.terminate();
      await client.closed;
      const query = {
        session_id: String(session_id),
        last_sequence: String(client.lastSequence()),
      };
      const again = await openSocket(edges.urls.fleet, { query });
      again.done("a");
      expect(await again.until("response.done", "a")).toMatchObject({ reason: "complete" });
      again.socket.close(1000);
      await again.closed;
    }
  });

  it("is resumed by its own key alone", async () => {
    const client = await openSocket(edges.urls.keys, key);
    const { session_id } = await client.until("session.created");
    const query = { session_id: String(session_id), last_sequence: "1" };
    const thief = await openSocket(edges.urls.keys, { ...(await storeKey(edges)), query });
    expect((await thief.closed).code).toBe(4410);
    const again = await openSocket(edges.urls.keys, { ...key, query });
    expect((await client.closed).code).toBe(4409);
    again.socket.close(1000);
    await again.closed;
  });

  it("works as the documented example has it", async () => {
    const page = readFileSync("shared/README.md", "utf8");
    const [, example = ""] = /```js\n(const socket = new WebSocket[\s\S]*?)```/.exec(page) ?? [];
    const code = example.replace("ws://localhost:8787", edges.urls.open.replace("http", "ws"));
    const context = vm.createContext({ WebSocket, console, Uint8Array, ArrayBuffer, JSON });
    vm.runInContext(`${code}\nglobalThis.out = { socket, audio };`, context);
    const { socket, audio } = context.out as { socket: WebSocket; audio: Uint8Array[] };
    await new Promise((resolve) => socket.addEventListener("close", resolve));
    expect(audio.reduce((sum, part) => sum + part.byteLength, 0)).toBeGreaterThan(24_000 * 2);
  });
});
