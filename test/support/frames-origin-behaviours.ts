import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { framesMediaType, type SpeechEnd, type SpeechFrame } from "../../shared/frames/frame.ts";
import { writeFrames } from "../../shared/frames/write-frames.ts";
import type { Behaviour } from "./frames-origin.ts";

export const originSpeechHeaders = {
  "content-type": framesMediaType,
  "x-engine": "builtin",
  "x-seed": "7",
  "x-sample-rate": "24000",
};

/** Bytes that look like nothing in particular, the same each time. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (state * 48271) % 2147483647;
    bytes[i] = state & 0xff;
  }
  return bytes;
}

/** The end frame that fits that audio. */
export function endOf(audio: Uint8Array): SpeechEnd {
  return {
    finish: "stop",
    samples: 24_000,
    sample_rate: 24_000,
    frames: 13,
    input_tokens: 5,
    seed: 7,
    revision: "0123456789abcdef",
    released_at: 1_790_000_000,
    engine: "builtin",
    bytes: audio.byteLength,
    sha256: createHash("sha256").update(audio).digest("hex"),
  };
}

interface SpeechPlan {
  chunkBytes?: number;
  /** Changes the end frame; null leaves it out. */
  end?: Partial<SpeechEnd> | null;
  /** Is awaited before each chunk but the first. */
  between?: () => Promise<unknown>;
  /** Thrown where the end would be, which makes it an error frame. */
  failure?: Error;
}

/** An answer with that audio, in frames. */
export function framesOf(
  audio: Uint8Array<ArrayBuffer>,
  { chunkBytes = 1000, end = {}, between, failure }: SpeechPlan = {},
): AsyncGenerator<Uint8Array, void> {
  async function* speech(): AsyncGenerator<SpeechFrame, void> {
    for (let at = 0; at < audio.byteLength; at += chunkBytes) {
      if (at > 0) await between?.();
      yield { kind: "audio", bytes: audio.subarray(at, at + chunkBytes) };
    }
    if (failure) throw failure;
    if (end) yield { kind: "end", end: { ...endOf(audio), ...end } };
  }
  return writeFrames(speech());
}

/** Answers with those frames, as fast as they are read, and closes the connection politely whatever they were. */
export function speak(
  frames: () => AsyncIterable<Uint8Array>,
  headers: Record<string, string> = {},
): Behaviour {
  return async (answer) => {
    answer.writeHead(200, { ...originSpeechHeaders, ...headers });
    answer.flushHeaders();
    try {
      for await (const frame of frames()) await write(answer, frame);
    } catch {
      // The error frame has been written; what a proxy would make of the reset that follows it is a clean end.
    }
    answer.end();
  };
}

/** Sends that many bytes of an answer and then resets the connection, ends it cleanly, or falls silent. */
export function breakOff(
  frames: () => AsyncIterable<Uint8Array>,
  afterBytes: number,
  how: "reset" | "clean" | "silence",
): Behaviour {
  return async (answer) => {
    answer.writeHead(200, originSpeechHeaders);
    answer.flushHeaders();
    const all = Buffer.concat(await collect(frames()));
    if (afterBytes > 0)
      await new Promise((sent) => answer.write(all.subarray(0, afterBytes), sent));
    if (how === "clean") answer.end();
    if (how === "reset") {
      // A reset overtakes what the reader has not yet taken from its socket.
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer.socket?.resetAndDestroy();
    }
  };
}

/** Answers with that body and nothing of the frame protocol. */
export function answerWith(
  status: number,
  body: string | object,
  headers: Record<string, string> = {},
): Behaviour {
  const type = typeof body === "string" ? "text/html" : "application/json";
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (answer) => void answer.writeHead(status, { "content-type": type, ...headers }).end(text);
}

export async function collect(frames: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

/** Resolves once the bytes are with the socket or it is gone. */
function write(answer: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => answer.write(bytes, () => resolve()));
}
