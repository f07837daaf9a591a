import type * as z from "zod";
import { type ApiError, fromEnvelope } from "../api-error.ts";
import { openChunks } from "../read-chunks.ts";
import {
  endSchema,
  errorFrameSchema,
  eventSchema,
  frameHeaderBytes,
  frameType,
  maxPayloadBytes,
  type SpeechEnd,
  type SpeechFrame,
} from "./frame.ts";

/** SHA-256 fed piece by piece. Web Crypto has no such thing, so each runtime brings its own. */
export interface BodyDigest {
  update(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** Lower-case hex; ends the digest. */
  hex(): string | Promise<string>;
}

/** The stream broke the frame protocol or stopped before its end frame: what was read is not a whole answer. */
export class BrokenFramesError extends Error {
  override readonly name = "BrokenFramesError";
}

/** A speech answer as it comes in. */
export interface SpeechSource {
  /**
   * Waits for what comes next: one frame or more, and undefined once the end frame has been read. Rejects with what the
   * answer failed with, each time.
   */
  read(): Promise<SpeechFrame[] | undefined>;
  /** Lets go of the answer, begun or not. */
  cancel(): Promise<void>;
}

/**
 * Reads a speech answer back from its frames, split over chunks in any way: as many at once as have come. The end is
 * read last, once its byte count is seen to match, and its digest where one is given.
 *
 * Reading rejects with the ApiError an error frame carries, BrokenFramesError for a stream that is cut, malformed or
 * does not match its end, and whatever the stream itself fails with.
 */
export function openFrames(body: ReadableStream<Uint8Array>, digest?: BodyDigest): SpeechSource {
  const chunks = openChunks(body);
  const split = createSplitter();
  let bytes = 0;
  let hasEnded = false;
  let failure: { cause: unknown } | undefined;

  async function take({ type, payload }: RawFrame): Promise<SpeechFrame> {
    switch (type) {
      case frameType.audio:
        bytes += payload.byteLength;
        await digest?.update(payload);
        return { kind: "audio", bytes: payload };
      case frameType.event:
        return { kind: "event", event: parseJson(eventSchema, payload) };
      case frameType.end: {
        const end = parseJson(endSchema, payload);
        checkEnd(end, bytes, (await digest?.hex()) ?? end.sha256);
        hasEnded = true;
        return { kind: "end", end };
      }
      case frameType.error:
        throw errorOf(payload);
      default:
        throw new BrokenFramesError(`frame type ${type} is unknown`);
    }
  }

  /** The frames that a chunk has completed. What comes before a failure is still read. */
  async function framesOf(chunk: Uint8Array): Promise<SpeechFrame[]> {
    const frames: SpeechFrame[] = [];
    try {
      for (const raw of split.push(chunk)) {
        if (!hasEnded) frames.push(await take(raw));
      }
    } catch (cause) {
      failure = { cause };
    }
    return frames;
  }

  async function next(): Promise<SpeechFrame[]> {
    for (;;) {
      if (failure) throw failure.cause;
      const chunk = await chunks.read();
      if (!chunk) {
        const where = split.isMidFrame ? "within a frame" : "without an end frame";
        throw new BrokenFramesError(`the stream ended after ${bytes} bytes of audio ${where}`);
      }
      const frames = await framesOf(chunk);
      if (frames.length > 0) return frames;
    }
  }

  return {
    async read() {
      if (hasEnded) return undefined;
      try {
        const frames = await next();
        if (hasEnded) await chunks.cancel();
        return frames;
      } catch (cause) {
        failure = { cause };
        await chunks.cancel();
        throw cause;
      }
    },
    cancel: () => chunks.cancel(),
  };
}

/** The same one frame at a time. Leaving early cancels the stream, provided that the first frame was asked for. */
export async function* readFrames(
  body: ReadableStream<Uint8Array>,
  digest?: BodyDigest,
): AsyncGenerator<SpeechFrame, void> {
  yield* eachFrame(openFrames(body, digest));
}

export async function* eachFrame(source: SpeechSource): AsyncGenerator<SpeechFrame, void> {
  try {
    for (let frames = await source.read(); frames; frames = await source.read()) yield* frames;
  } finally {
    await source.cancel();
  }
}

interface RawFrame {
  type: number;
  payload: Uint8Array<ArrayBuffer>;
}

/** Puts frames together from chunks that are split anywhere. Payloads are copies: chunks may be overwritten. */
function createSplitter() {
  const header = new Uint8Array(frameHeaderBytes);
  let headerFilled = 0;
  let payload: Uint8Array<ArrayBuffer> | undefined;
  let payloadFilled = 0;
  return {
    get isMidFrame() {
      return headerFilled > 0;
    },
    *push(chunk: Uint8Array): Generator<RawFrame, void> {
      let at = 0;
      for (;;) {
        if (!payload) {
          const part = chunk.subarray(at, at + frameHeaderBytes - headerFilled);
          header.set(part, headerFilled);
          headerFilled += part.byteLength;
          at += part.byteLength;
          if (headerFilled < frameHeaderBytes) return;
          payload = new Uint8Array(payloadLength(header));
          payloadFilled = 0;
        }
        const part = chunk.subarray(at, at + payload.byteLength - payloadFilled);
        payload.set(part, payloadFilled);
        payloadFilled += part.byteLength;
        at += part.byteLength;
        if (payloadFilled < payload.byteLength) return;
        const frame = { type: header[0] ?? 0, payload };
        headerFilled = 0;
        payload = undefined;
        yield frame;
      }
    },
  };
}

function payloadLength(header: Uint8Array): number {
  const length = new DataView(header.buffer, header.byteOffset).getUint32(1);
  if (length <= maxPayloadBytes) return length;
  throw new BrokenFramesError(`a frame of ${length} bytes is over ${maxPayloadBytes}`);
}

function checkEnd(end: SpeechEnd, bytes: number, sha256: string): void {
  if (end.bytes !== bytes) {
    throw new BrokenFramesError(`${bytes} bytes of audio arrived where ${end.bytes} were sent`);
  }
  if (end.sha256 !== sha256) {
    throw new BrokenFramesError(`the digest of ${bytes} bytes of audio does not match`);
  }
}

function errorOf(payload: Uint8Array): ApiError {
  const { status, ...envelope } = parseJson(errorFrameSchema, payload);
  return fromEnvelope(status, envelope);
}

function parseJson<T>(schema: z.ZodType<T>, payload: Uint8Array): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch (cause) {
    throw new BrokenFramesError("a frame's JSON is not what it should be", { cause });
  }
}
