import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";

export interface Sent {
  /** Resolves with the answer's head; its body is read by no one yet. */
  head: Promise<IncomingMessage>;
  /** Leaves as a process that dies does: with a reset. */
  reset(): void;
}

/** Sends a request on a connection of its own, where `fetch` would hide resets and read ahead. */
export function send(
  url: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Uint8Array } = {},
): Sent {
  const { method = "GET", headers = {}, body } = options;
  const outgoing = request(url, { method, headers, agent: false });
  const head = once(outgoing, "response").then(([answer]) => answer as IncomingMessage);
  // Whoever resets the connection does not wait for a head.
  head.catch(() => undefined);
  outgoing.end(body);
  return { head, reset: () => outgoing.socket?.resetAndDestroy() };
}

export interface Received {
  status: number | undefined;
  headers: IncomingMessage["headers"];
  body: Buffer;
  /** "complete" only when the body ended the way its framing promises. */
  ended: "complete" | "reset";
}

/** Reads an answer until that many bytes of its body have come, and on. */
export async function heard(answer: IncomingMessage, bytes: number): Promise<void> {
  let sum = 0;
  await new Promise<void>((resolve) => {
    answer.on("data", (part: Buffer) => {
      sum += part.byteLength;
      if (sum >= bytes) resolve();
    });
  });
}

/** Reads an answer to its end, whatever kind of end that is. */
export async function receive(answer: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  const { statusCode: status, headers } = answer;
  try {
    for await (const chunk of answer) chunks.push(chunk);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ECONNRESET") throw cause;
    return { status, headers, body: Buffer.concat(chunks), ended: "reset" };
  }
  return { status, headers, body: Buffer.concat(chunks), ended: "complete" };
}
