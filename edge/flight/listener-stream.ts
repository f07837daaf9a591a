import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { encodeFailure, encodeFrame } from "../../shared/frames/write-frames.ts";
import type { Listener } from "./flight.ts";

/** How a listener wants a speech: the bare file, or the frames it comes in. */
export type Delivery = "audio" | "frames";

/**
 * What a listener hears, as bytes. A failure resets the stream; in frames it is told by the last of them instead, since a
 * reset may overtake it.
 */
export function listenerStream(listener: Listener, delivery: Delivery): ReadableStream<Uint8Array> {
  const encode = delivery === "audio" ? audioBytes : frameBytes;
  let hasEnded = false;

  async function next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (!hasEnded) {
      const frames = await listener.read();
      hasEnded = !frames || frames.at(-1)?.kind === "end";
      const bytes = encode(frames ?? []);
      // Events alone have no bytes in a bare file, and a stream of bytes takes no empty chunk.
      if (bytes.byteLength > 0) return bytes;
    }
    return undefined;
  }

  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      try {
        const bytes = await next();
        if (bytes) controller.enqueue(bytes);
      } catch (cause) {
        if (delivery === "audio") throw cause;
        hasEnded = true;
        controller.enqueue(encodeFailure(cause));
      }
      if (!hasEnded) return;
      controller.close();
      // Whoever waits with a buffer of its own is told only so.
      controller.byobRequest?.respond(0);
    },
    cancel: () => listener.leave(),
  });
}

function audioBytes(frames: readonly SpeechFrame[]): Uint8Array<ArrayBuffer> {
  return concatenate(frames.flatMap((frame) => (frame.kind === "audio" ? [frame.bytes] : [])));
}

function frameBytes(frames: readonly SpeechFrame[]): Uint8Array<ArrayBuffer> {
  return concatenate(frames.flatMap((frame) => [...encodeFrame(frame)]));
}

/** Always a copy: a stream of bytes takes what it is given from everybody else. */
function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((total, { byteLength }) => total + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
