import { once } from "node:events";
import { connect } from "node:net";

/** An answer as it was read off the socket, up to the close that the request asked for. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

/**
 * Sends a recorded request byte for byte, with its `Host` changed to where it goes, its `Content-Length` set, and
 * `Connection: close` in place of keep-alive. `head` has one line each, as recorded.
 */
export async function sendRaw(url: string, head: string, body = ""): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(url);
  const lines = head
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !/^(host|connection|content-length):/i.test(line));
  lines.splice(1, 0, `Host: ${host}`, "Connection: close");
  if (body) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);

  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part);
  return parseAnswer(Buffer.concat(parts));
}

/** Reads an answer from all that came before the connection was closed. Throws for a chunked body that was cut off. */
export function parseAnswer(answer: Buffer): RawAnswer {
  const end = answer.indexOf("\r\n\r\n");
  const [statusLine = "", ...fields] = answer.subarray(0, end).toString("latin1").split("\r\n");
  const headers = new Headers(
    fields.map((field): [string, string] => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon), field.slice(colon + 1).trim()];
    }),
  );
  const body = answer.subarray(end + 4);
  const isChunked = headers.get("transfer-encoding") === "chunked";
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    body: isChunked ? joinChunks(body) : body,
  };
}

/** RFC 9112, section 7.1. Throws for a body without its last chunk. */
function joinChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf("\r\n", at);
    if (lineEnd < 0) throw new Error("the chunked body was cut off");
    const size = Number.parseInt(body.subarray(at, lineEnd).toString(), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
