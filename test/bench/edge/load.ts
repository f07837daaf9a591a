// A client on bare sockets: Node's own would cost more than the Workers it is to measure.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Load {
  url: URL;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
  /** Of every answer; another one ends the measurement. */
  status: number;
}

export interface Measured {
  requestsPerSecond: number;
  /** Of each answer, from its request to its last byte. */
  latenciesMs: number[];
}

/** Sends the same request over and over on so many connections at once, the next as soon as the last is answered. */
export async function measure(load: Load, connections: number, seconds: number): Promise<Measured> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(load.url.port), load.url.hostname);
      await once(socket, "connect");
      socket.setNoDelay();
      const request = serialize(load);
      while (performance.now() < endsAt) {
        const sentAt = performance.now();
        socket.write(request);
        await readAnswer(socket, load.status);
        latenciesMs.push(performance.now() - sentAt);
      }
      socket.destroy();
    }),
  );
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  return { requestsPerSecond: latenciesMs.length / elapsedSeconds, latenciesMs };
}

function serialize({ url, method, headers, body = "" }: Load): Buffer {
  const all = { host: url.host, "content-length": Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n${body}`,
  );
}

/** Reads one answer, which must have a Content-Length: this is no HTTP client. */
function readAnswer(socket: Socket, status: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = "";
    let missingBytes = Number.POSITIVE_INFINITY;
    const settle = (failure?: Error) => {
      socket.removeAllListeners();
      if (failure) reject(failure);
      else resolve();
    };
    socket.on("error", settle);
    socket.on("end", () => settle(new Error("the connection was closed")));
    socket.on("data", (part) => {
      if (Number.isFinite(missingBytes)) missingBytes -= part.byteLength;
      else {
        head += part.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = /^content-length: (\d+)\r$/im.exec(head.slice(0, end + 2))?.[1];
        if (!head.startsWith(`HTTP/1.1 ${status} `) || length === undefined) {
          return settle(new Error(`expected ${status} with a length, got:\n${head.slice(0, 600)}`));
        }
        missingBytes = Number(length) - (head.length - end - 4);
      }
      if (missingBytes === 0) settle();
    });
  });
}
