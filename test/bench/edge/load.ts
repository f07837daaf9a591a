// A client on bare sockets: Node's own would cost more than the Workers it is to measure.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Load {
  url: URL;
  method: "GET" | "POST";
  headers: Record<string, string>;
  /** Of each request anew. */
  body?: () => string;
  /** Of every answer; another one ends the measurement. */
  status: number;
}

export interface Measured {
  requestsPerSecond: number;
  /** Of each answer, from its request to its last byte. */
  latenciesMs: number[];
}

/** Sends requests on so many connections at once, the next as soon as the last is answered. */
export async function measure(load: Load, connections: number, seconds: number): Promise<Measured> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(load.url.port), load.url.hostname);
      await once(socket, "connect");
      socket.setNoDelay();
      while (performance.now() < endsAt) {
        const sentAt = performance.now();
        socket.write(serialize(load));
        await readAnswer(socket, load.status);
        latenciesMs.push(performance.now() - sentAt);
      }
      socket.destroy();
    }),
  );
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  return { requestsPerSecond: latenciesMs.length / elapsedSeconds, latenciesMs };
}

function serialize({ url, method, headers, body }: Load): Buffer {
  const text = body?.() ?? "";
  const all = { host: url.host, "content-length": Buffer.byteLength(text), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n${text}`,
  );
}

/** Reads one answer, whose length is told or which comes in chunks: this is no HTTP client. */
function readAnswer(socket: Socket, status: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = "";
    let isOver: ((part: Buffer) => boolean) | undefined;
    const settle = (failure?: Error) => {
      socket.removeAllListeners();
      if (failure) reject(failure);
      else resolve();
    };
    socket.on("error", settle);
    socket.on("end", () => settle(new Error("the connection was closed")));
    socket.on("data", (part) => {
      if (isOver) return isOver(part) ? settle() : undefined;
      head += part.toString("latin1");
      const end = head.indexOf("\r\n\r\n") + 4;
      if (end < 4) return;
      isOver = ending(head.slice(0, end));
      if (!head.startsWith(`HTTP/1.1 ${status} `) || !isOver) {
        return settle(new Error(`expected ${status} with a length, got:\n${head.slice(0, 600)}`));
      }
      if (isOver(Buffer.from(head.slice(end), "latin1"))) settle();
    });
  });
}

/** Tells by each part of a body whether it is the last one. */
function ending(head: string): ((part: Buffer) => boolean) | undefined {
  const length = /^content-length: (\d+)\r$/im.exec(head)?.[1];
  if (length !== undefined) {
    let missingBytes = Number(length);
    return (part) => {
      missingBytes -= part.byteLength;
      return missingBytes === 0;
    };
  }
  if (!/^transfer-encoding: chunked\r$/im.test(head)) return undefined;
  let tail = Buffer.alloc(0);
  return (part) => {
    tail = Buffer.concat([tail, part.subarray(-7)]).subarray(-7);
    // An empty chunk. Noise that looks like one just where a part ends is not to be expected.
    return tail.toString("latin1") === "\r\n0\r\n\r\n";
  };
}
