import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { sessionVoicesHeader, socketPath } from "../../shared/socket.ts";
import { runs } from "../support/fuzz.ts";
import { parseAnswer, type RawAnswer } from "../support/raw-request.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;
const programs = ["origin", "edge"] as const;
type Program = (typeof programs)[number];

beforeAll(async () => {
  system = await startSystem();
});

afterAll(() => system.close());

const urlOf = (program: Program) => new URL(program === "origin" ? system.origin.url : system.url);

const upgraded = Buffer.from("HTTP/1.1 101");

/** Of an answer that says how long it is. */
function isWhole(received: Buffer): boolean {
  const end = received.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)/i.exec(received.subarray(0, end).toString("latin1"));
  return length !== null && received.length >= end + 4 + Number(length[1]);
}

/** Of an answer that may not have ended, its status. */
function begunAnswer(received: Buffer): RawAnswer {
  const status = Number(received.subarray(9, 12).toString("latin1"));
  return { status, headers: new Headers(), body: Buffer.of() };
}

interface Conversation {
  /** Undefined for nothing. */
  answer: RawAnswer | undefined;
  /** Whether the connection was still open after so many milliseconds, or as a WebSocket. */
  isOpen: boolean;
}

/** Sends pieces one by one, and gives what was answered until the other side has closed, or for so long. */
async function converse(
  program: Program,
  pieces: readonly Buffer[],
  limitMs = 60_000,
): Promise<Conversation> {
  const { hostname, port } = urlOf(program);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true).on("error", () => undefined);
  const parts: Buffer[] = [];
  let isOpen = false;
  const leave = () => {
    isOpen = true;
    socket.destroy();
  };
  socket.on("data", (part: Buffer) => {
    parts.push(part);
    const received = Buffer.concat(parts);
    if (received.subarray(0, 12).equals(upgraded)) leave();
    // A socket that was refused is kept for what may be asked next.
    else if (isWhole(received)) socket.destroy();
  });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  const limit = setTimeout(leave, limitMs);
  for (const piece of pieces) {
    socket.write(piece);
    if (pieces.length > 1) await nextTurn();
  }
  await closed;
  clearTimeout(limit);
  const received = Buffer.concat(parts);
  if (received.length === 0) return { answer: undefined, isOpen };
  return { answer: isOpen ? begunAnswer(received) : parseAnswer(received), isOpen };
}

/** Whatever was sent before, the next is answered. */
async function expectAlive(program: Program): Promise<void> {
  const answer = await fetch(new URL("/health", urlOf(program)));
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

/** Node and workerd refuse what is no HTTP in words of their own. */
function expectRefusal(answer: RawAnswer | undefined): void {
  if (!answer) return;
  const { status, headers, body } = answer;
  expect(status, body.toString()).toBeLessThan(500);
  if (!headers.get("content-type")?.startsWith("application/json")) return;
  if (status >= 400) errorEnvelopeSchema.parse(JSON.parse(body.toString()));
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

const body = JSON.stringify({ input: "Hé! 你好 🦊.", response_format: "pcm" });

/** RFC 9112, section 7.1, with sizes and extensions as they may be. */
const chunkedBody = fc
  .record({
    cuts: fc.array(fc.nat(200), { maxLength: 6 }),
    sizeOf: fc.constantFrom<(size: number) => string>(
      (size) => size.toString(16),
      (size) => size.toString(16).toUpperCase().padStart(6, "0"),
      (size) => `${size.toString(16)};name="va;lue"`,
    ),
    trailer: fc.constantFrom("", "X-Trailer: 1\r\n"),
  })
  .map(({ cuts, sizeOf, trailer }) => {
    const chunks = cutAt(Buffer.from(body), cuts).filter((chunk) => chunk.length > 0);
    const coded = chunks.flatMap((chunk) => [
      Buffer.from(`${sizeOf(chunk.length)}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ]);
    return Buffer.concat([...coded, Buffer.from(`0\r\n${trailer}\r\n`)]);
  });

const head = Buffer.from(
  "POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
);

it.each(programs)(
  "a request of chunks cut anywhere is the same request at the %s",
  async (program) => {
    let expected: Buffer | undefined;
    await fc.assert(
      fc.asyncProperty(
        chunkedBody,
        fc.array(fc.nat(400), { maxLength: 8 }),
        async (chunks, cuts) => {
          const { answer } = await converse(program, cutAt(Buffer.concat([head, chunks]), cuts));
          expect(answer?.status, answer?.body.toString()).toBe(200);
          expected ??= answer?.body;
          expect(answer?.body.equals(expected ?? Buffer.of())).toBe(true);
        },
      ),
      runs(15),
    );
  },
);

it.each(programs)(
  "a request that is damaged or breaks off is refused or forgotten by the %s",
  async (program) => {
    const damage = fc.record({
      at: fc.nat(600),
      bytes: fc.uint8Array({ maxLength: 4 }),
      isCut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(chunkedBody, damage, async (chunks, { at, bytes, isCut }) => {
        const request = Buffer.concat([head, chunks]);
        const place = at % request.length;
        const damaged = Buffer.concat([
          request.subarray(0, place),
          bytes,
          isCut ? Buffer.of() : request.subarray(place + bytes.length),
        ]);
        // Of some the rest is waited for.
        expectRefusal((await converse(program, [damaged], 150)).answer);
      }),
      runs(40),
    );
    await expectAlive(program);
  },
);

it("a body that is no chunks is the client's fault at the edge, and is told so", async () => {
  const { answer } = await converse("edge", [
    Buffer.concat([head, Buffer.from("5\r\nabcdefgh\r\n")]),
  ]);
  expect(answer?.status).toBe(400);
  expect(JSON.parse(String(answer?.body)).error.code).toBe("incomplete_body");
});

it.each([
  ["edge", "Connection: close"],
  ["origin", "Connection: Upgrade\r\nUpgrade: websocket"],
] as const)(
  "a Host that makes no URL is refused by the %s with %j",
  async (program, connection) => {
    const request = `GET ${socketPath} HTTP/1.1\r\nHost: %\r\n${connection}\r\n\r\n`;
    const { answer } = await converse(program, [Buffer.from(request)]);
    expect(answer?.status).toBe(400);
    expect(JSON.parse(String(answer?.body)).error.code).toBe("invalid_host");
  },
);

const odd = fc.oneof(
  fc.string({ unit: "binary-ascii", maxLength: 20 }),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc.nat(18_000).map((length) => "x".repeat(length)),
  fc.constantFrom(
    "",
    "0",
    "-1",
    "NaN",
    "1e9",
    "null",
    "e30=",
    "bnVsbA==",
    "{}",
    "a, b",
    "*",
    '"',
    "%00",
    "\u00e9",
  ),
  fc.constantFrom(
    "bytes=0-",
    "bytes=-0",
    "bytes=99999999999999999999-",
    'W/"',
    "no-cache",
    "max-age=x",
    "only-if-cached",
  ),
);

const headerNames = [
  ..."accept accept-encoding accept-language authorization xi-api-key ocp-apim-subscription-key cookie".split(
    " ",
  ),
  ..."cache-control pragma range if-range if-none-match if-match if-modified-since origin referer".split(
    " ",
  ),
  ..."access-control-request-method access-control-request-headers content-type content-encoding expect".split(
    " ",
  ),
  ..."x-request-id traceparent x-forwarded-for x-forwarded-proto x-forwarded-host cf-connecting-ip".split(
    " ",
  ),
  ..."x-deadline-ms x-batch x-caller x-job-caller x-session-id x-session-owner x-session-models".split(
    " ",
  ),
  ..."sec-websocket-protocol sec-websocket-version sec-websocket-extensions user-agent prefer".split(
    " ",
  ),
  sessionVoicesHeader,
];

const routes: [line: string, headers: readonly string[]][] = [
  ["GET /v1/models", []],
  ["GET /v1/audio/voices/alloy/preview.mp3", []],
  [
    `GET ${socketPath}`,
    [
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
  ],
  ["OPTIONS /v1/audio/speech", []],
  ["POST /v1/audio/speech", ["Content-Type: application/json"]],
  ["GET /v1/audio/jobs/job_1", []],
  ["GET /metrics", []],
];

it.each(programs)(
  "headers of every size and of odd bytes are no fault of the %s",
  async (program) => {
    const header = fc.tuple(fc.constantFrom(...headerNames, "X\u00e9", "x-anything"), odd);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fc.constantFrom(
          "localhost",
          "",
          "a b",
          "[::1",
          "x".repeat(300),
          "a:99999",
          "\u00e9",
          "%",
          "user@host",
          "a/b",
        ),
        fc.array(header, { maxLength: 4 }),
        async ([line, fixed], host, headers) => {
          const upgrades = fixed.some((field) => field.startsWith("Upgrade"));
          const sent = line.startsWith("POST") ? body : "";
          const fields = [
            `Host: ${host}`,
            `Connection: ${upgrades ? "Upgrade" : "close"}`,
            ...fixed,
            ...(sent ? [`Content-Length: ${Buffer.byteLength(sent)}`] : []),
            ...headers.map(([name, value]) => `${name}: ${value}`),
          ];
          const request = Buffer.concat([
            Buffer.from(`${line} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`, "latin1"),
            Buffer.from(sent),
          ]);
          const { answer, isOpen } = await converse(program, [request]);
          expect(isOpen && answer?.status !== 101).toBe(false);
          expectRefusal(answer);
        },
      ),
      runs(60),
    );
    await expectAlive(program);
  },
);
