import { concatenate } from "../../shared/byte-stream.ts";
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
  // One that JavaScript is asked for each piece of would cost half as much again.
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  // Whoever reads it has left: `read` may be waiting, and no write would tell.
  writer.closed.catch(() => listener.leave());
  void pass(listener, delivery, writer);
  return readable;
}

/** Never rejects: who reads is told by the stream, and all others by the listener's outcome. */
async function pass(
  listener: Listener,
  delivery: Delivery,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  const encode = delivery === "audio" ? audioBytes : frameBytes;
  try {
    for (let frames = await listener.read(); frames; frames = await listener.read()) {
      const bytes = encode(frames);
      // Events alone have no bytes in a bare file.
      if (bytes.byteLength > 0) await writer.write(bytes);
    }
    await writer.close();
  } catch (cause) {
    listener.leave();
    if (delivery === "frames") await writer.write(encodeFailure(cause)).catch(() => undefined);
    const ended = delivery === "frames" ? writer.close() : writer.abort(cause);
    await ended.catch(() => undefined);
  }
}

/** Always copies: a stream of bytes takes what it is given from everybody else. */
function audioBytes(frames: readonly SpeechFrame[]): Uint8Array<ArrayBuffer> {
  const parts = frames.flatMap((frame) => (frame.kind === "audio" ? [frame.bytes] : []));
  return adjacent(parts)?.slice() ?? concatenate(parts);
}

/** As one, where they lie one after the other, as what came at once does. */
function adjacent(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> | undefined {
  const [first] = parts;
  let end = first?.byteOffset ?? 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    if (buffer !== first?.buffer || byteOffset !== end) return undefined;
    end += byteLength;
  }
  return first && new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset);
}

function frameBytes(frames: readonly SpeechFrame[]): Uint8Array<ArrayBuffer> {
  return concatenate(frames.flatMap((frame) => [...encodeFrame(frame)]));
}
