import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface CuttingProxy {
  url: string;
  /** Requests for speech that were passed on so far. */
  requests: number;
  /** Bytes of the last answer's body that were passed on. */
  passedBytes: number;
  /** From now on answers end after that many bytes: as when their origin dies, or as a proxy politely ends them. */
  cut(afterBytes: number, how: "reset" | "clean"): void;
  /** From now on everything that it passes on is late by that many milliseconds. */
  delay(milliseconds: number): void;
  /** From now on it ends politely what breaks off behind it. */
  endWhatBreaks(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Stands before an origin on a socket of its own and ends its answers early when told to. */
export async function startCuttingProxy(origin: string): Promise<CuttingProxy> {
  let cut: { afterBytes: number; how: "reset" | "clean" } | undefined;
  let lateMs = 0;
  let endsWhatBreaks = false;
  const server = createServer((incoming, answer) => {
    const { method = "GET", headers } = incoming;
    if (method === "POST") proxy.requests++;
    const outgoing = send(origin + incoming.url, { method, headers }, (upstream) => {
      // An origin that dies takes its answers with it.
      passOn(upstream, answer).catch(() => {
        if (endsWhatBreaks) answer.end();
        else answer.socket?.resetAndDestroy();
      });
    });
    outgoing.on("error", () => answer.destroy());
    answer.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  });

  async function passOn(upstream: IncomingMessage, answer: ServerResponse): Promise<void> {
    if (lateMs > 0) await delay(lateMs);
    answer.writeHead(upstream.statusCode ?? 502, upstream.headers);
    answer.flushHeaders();
    proxy.passedBytes = 0;
    for await (const chunk of upstream) {
      const part: Buffer = chunk.subarray(0, (cut?.afterBytes ?? Infinity) - proxy.passedBytes);
      proxy.passedBytes += part.byteLength;
      if (lateMs > 0) await delay(lateMs);
      if (part.byteLength > 0) await new Promise<unknown>((sent) => answer.write(part, sent));
      if (cut && proxy.passedBytes >= cut.afterBytes) break;
    }
    // A reset overtakes what the reader has not yet taken from its socket.
    if (cut?.how === "reset") await delay(50).then(() => answer.socket?.resetAndDestroy());
    else answer.end();
    // Without it, whoever was told a length would wait for the rest.
    if (cut?.how === "clean") answer.socket?.destroySoon();
  }
  server.on("upgrade", (incoming, client, head) => {
    const { hostname, port } = new URL(origin);
    const upstream = connect(Number(port), hostname, () => {
      const lines = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${value}`);
      upstream.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    passedBytes: 0,
    cut(afterBytes, how) {
      cut = { afterBytes, how };
    },
    delay(milliseconds) {
      lateMs = milliseconds;
    },
    endWhatBreaks() {
      endsWhatBreaks = true;
    },
    mend() {
      cut = undefined;
      lateMs = 0;
      endsWhatBreaks = false;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return proxy;
}
