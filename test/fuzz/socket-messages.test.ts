import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { WebSocket } from "ws";
import type { Origin } from "../../origin/http/server.ts";
import { maxMessageBytes, sessionVoicesHeader } from "../../shared/socket.ts";
import { type Edges, startEdges } from "../support/edge.ts";
import { runs } from "../support/fuzz.ts";
import { storeKey } from "../support/keys.ts";
import { openSocket, refusedSocket, type SocketClient } from "../support/socket-client.ts";
import { startTestOrigin } from "../support/system.ts";

let origin: Origin;
let edges: Edges<"open" | "counted">;
let headers: Record<string, string>;

beforeAll(async () => {
  origin = await startTestOrigin();
  edges = await startEdges({
    open: { ORIGIN_URLS: origin.url },
    counted: { ORIGIN_URLS: origin.url, AUTH: "keys" },
  });
  ({ headers } = await storeKey(edges, { characters_per_day: 50_000_000 }));
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

/** At the counted edge the messages themselves go through the Worker. */
const doors = ["origin", "open edge", "counted edge"] as const;

function openAt(door: (typeof doors)[number]): Promise<SocketClient> {
  if (door === "origin") return openSocket(origin.url);
  if (door === "open edge") return openSocket(edges.urls.open);
  return openSocket(edges.urls.counted, { headers });
}

const types = fc.constantFrom(
  ..."session.update input.append input.flush input.done response.cancel session.created nonsense".split(
    " ",
  ),
  ...["__proto__", "", null, 7],
);
const contextId = fc.oneof(
  fc.constantFrom<unknown>(
    "a",
    "b",
    "c",
    "\u0000",
    "\ud800",
    "__proto__",
    "x".repeat(64),
    "x".repeat(65),
    "",
    null,
    1,
    {},
  ),
);
const text = fc.oneof(
  fc.constantFrom("Hello. ", "One, two. ", "<|im_end|>", "\ud83e", "\udd8a", "", " \n", "<speak>"),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom(20, 820, 1000).map((words) => "word ".repeat(words)),
);
const session = fc.dictionary(
  fc.constantFrom(
    ..."response_format voice speed audio_delivery model markup input lexicon seed kept_voices __proto__ timestamps".split(
      " ",
    ),
  ),
  fc.oneof(
    fc.constantFrom<unknown>("pcm", "mp3", "echo", "base64", "word", 1, null),
    fc.jsonValue({ maxDepth: 2 }),
  ),
  { maxKeys: 3 },
);
/** Mostly such as a client sends, in any order, with a part of any kind. */
const message = fc
  .record({ type: types, context_id: contextId, text, session }, { requiredKeys: ["type"] })
  .map((fields) => JSON.stringify(fields));

interface Act {
  send(socket: WebSocket): void;
}

const act: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: message.map((data): Act => ({ send: (socket) => socket.send(data) })), weight: 12 },
  {
    arbitrary: fc
      .oneof(fc.json({ maxDepth: 3 }), fc.string({ unit: "binary", maxLength: 30 }))
      .map((data): Act => ({ send: (socket) => socket.send(data) })),
    weight: 3,
  },
  fc.uint8Array({ maxLength: 40 }).map((data): Act => ({ send: (socket) => socket.send(data) })),
  // In fragments, as RFC 6455, section 5.4, allows, with a ping between.
  fc.tuple(message, fc.nat(30)).map(
    ([data, at]): Act => ({
      send(socket) {
        const bytes = Buffer.from(data);
        socket.send(bytes.subarray(0, at), { binary: false, fin: false });
        socket.ping("still here");
        socket.send(bytes.subarray(at), { binary: false, fin: true });
      },
    }),
  ),
  fc.nat(900_000).map(
    (length): Act => ({
      send: (socket) => socket.send(JSON.stringify({ type: "nonsense", text: "x".repeat(length) })),
    }),
  ),
);

it.each(doors)(
  "whatever messages come, in whatever order, the %s tells what it cannot heed, and speaks on",
  async (door) => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
        const client = await openAt(door);
        for (const { send } of acts) send(client.socket);
        const good = "the last one";
        client.send({ type: "session.update", session: { voice: "alloy", model: "tts-1" } });
        client.send({ type: "response.cancel", context_id: "a" });
        client.append(good, "All is well.");
        client.done(good);
        const finished = client.until("response.done", good);
        // As many contexts as there may be are open.
        const refused = client.until("error", good);
        await Promise.race([finished, refused]);

        const numbers = client.messages.map(({ sequence }) => sequence).filter(Number.isFinite);
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        for (const { status, error } of client.messages.filter(({ type }) => type === "error")) {
          expect(error, JSON.stringify(error)).toMatchObject({ code: expect.any(String) });
          // Of a busy server, the text is too long for now.
          if (status !== 503) expect(status, JSON.stringify(error)).toBeLessThan(500);
          expect(error?.message.length).toBeLessThan(1000);
        }
        finished.catch(() => undefined);
        refused.catch(() => undefined);
        client.socket.terminate();
        await client.closed;
      }),
      runs(5),
    );
  },
);

it.each(doors)("a message that is too long closes the socket, at the %s", async (door) => {
  const client = await openAt(door);
  await client.until("session.created");
  client.send("x".repeat(maxMessageBytes + 1));
  expect((await client.closed).code).toBe(1009);
});

it.each(doors)("a text that is not UTF-8 closes the socket or is told, at the %s", async (door) => {
  const client = await openAt(door);
  await client.until("session.created");
  client.socket.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
  // To a Worker its runtime gives U+FFFD in the place of what is broken.
  if (door === "counted edge") await client.until("error");
  else expect([1006, 1007]).toContain((await client.closed).code);
  client.socket.terminate();
});

it.each(doors)("bytes that are no frames close the socket alone, at the %s", async (door) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 60 }), async (bytes) => {
      const client = await openAt(door);
      client.socket.on("error", () => undefined);
      await client.until("session.created");
      // Where the client has its connection, ws says for nobody.
      const { _socket: connection } = client.socket as unknown as {
        _socket: NodeJS.WritableStream;
      };
      connection.write(bytes);
      connection.end();
      await client.closed;
    }),
    runs(5),
  );
  const client = await openAt(door);
  client.append("a", "All is well.");
  client.done("a");
  expect(await client.until("response.done", "a")).toMatchObject({ reason: "complete" });
  client.socket.close();
  await client.closed;
});

it("refuses voices that no edge would send along", async () => {
  for (const value of ["e30=", "nonsense", "bnVsbA==", ""]) {
    const { status, body } = await refusedSocket(origin.url, {
      headers: { [sessionVoicesHeader]: value },
    });
    expect([status, body.error.code]).toEqual([400, "invalid_value"]);
  }
});
