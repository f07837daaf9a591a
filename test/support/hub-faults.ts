import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { etagOf, type Fault } from "./hub.ts";

/** Announces all that was asked for, sends so many bytes of it, and resets the connection. */
export function resetAfter(bytes: number): Fault {
  return sendBeginning(bytes, ({ response }) => response.socket?.resetAndDestroy());
}

/** The same with a clean end of the connection. */
export function endAfter(bytes: number): Fault {
  return sendBeginning(bytes, ({ response }) => response.socket?.end());
}

/** The same with silence. */
export function stallAfter(bytes: number): Fault {
  return sendBeginning(bytes, () => undefined);
}

/** Knows no ranges. */
export const withoutRanges: Fault = ({ request, send }) => {
  delete request.headers.range;
  send();
};

/** Sends so many bytes of what was asked for, without announcing a length, and ends in good order. */
export function stopAfter(bytes: number): Fault {
  return ({ request, response, content }) => {
    const start = startOf(request);
    response.writeHead(start > 0 ? 206 : 200, rangeHeaders(start, content));
    response.end(content.subarray(start, start + bytes));
  };
}

/** Sends the whole in so many pieces with a pause after each. */
export function slowly(pieces: number, pauseMilliseconds: number): Fault {
  return async ({ response, content }) => {
    const size = Math.ceil(content.length / pieces);
    response.writeHead(200, { "content-length": content.length });
    for (let start = 0; start < content.length; start += size) {
      response.write(content.subarray(start, start + size));
      await wait(pauseMilliseconds);
    }
    response.end();
  };
}

/** Sends something else of the same length. */
export const otherContent: Fault = ({ response, content }) => {
  response.end(content.map((byte) => byte ^ 1));
};

/** Sends more than there should be. */
export const tooMuch: Fault = ({ response, content }) => {
  response.end(Buffer.concat([content, Buffer.of(1)]));
};

export function answerStatus(status: number, headers: Record<string, string> = {}): Fault {
  return ({ response }) => {
    response.writeHead(status, headers).end();
  };
}

/** A reset may take bytes with it that had been sent. */
function sendBeginning(bytes: number, end: Fault): Fault {
  return (exchange) => {
    const { request, response, content } = exchange;
    const start = startOf(request);
    response.writeHead(start > 0 ? 206 : 200, {
      ...rangeHeaders(start, content),
      "content-length": content.length - start,
    });
    response.write(content.subarray(start, start + bytes), () => end(exchange));
  };
}

function startOf({ headers }: IncomingMessage): number {
  return Number(headers.range?.match(/\d+/)?.[0] ?? 0);
}

function rangeHeaders(start: number, content: Buffer) {
  const last = content.length - 1;
  return { "content-range": `bytes ${start}-${last}/${content.length}`, etag: etagOf(content) };
}
