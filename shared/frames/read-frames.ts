import type * as z from "zod";
import { type ApiError, fromEnvelope } from "../api-error.ts";
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

/**
 * Reads a speech answer back from its frames, split over chunks in any way. Yields audio and events as they are
 * complete and last the end, once its byte count and digest are seen to match.
 *
 * Throws the ApiError an error frame carries, BrokenFramesError for a stream that is cut, malformed or does not match
 * its end, and whatever the stream itself fails with. Leaving early cancels the stream.
 */
export async function* readFrames(
  body: ReadableStream<Uint8Array>,
  digest: BodyDigest,
): AsyncGenerator<SpeechFrame, void> {
  let bytes = 0;
  for await (const { type, payload } of readRawFrames(body)) {
    switch (type) {
      case frameType.audio:
        bytes += payload.byteLength;
        await digest.update(payload);
        yield { kind: "audio", bytes: payload };
        break;
      case frameType.event:
        yield { kind: "event", event: parseJson(eventSchema, payload) };
        break;
      case frameType.end:
        yield {
          kind: "end",
          end: checkEnd(parseJson(endSchema, payload), bytes, await digest.hex()),
        };
        return;
      case frameType.error:
        throw errorOf(payload);
      default:
        throw new BrokenFramesError(`frame type ${type} is unknown`);
    }
  }
  throw new BrokenFramesError(
    `the stream ended after ${bytes} bytes of audio without an end frame`,
  );
}

interface RawFrame {
  type: number;
  payload: Uint8Array<ArrayBuffer>;
}

async function* readRawFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<RawFrame, void> {
  const reader = body.getReader();
  const take = exactly(reader);
  try {
    for (;;) {
      const header = await take(frameHeaderBytes);
      if (!header) return;
      const view = new DataView(header.buffer);
      const length = view.getUint32(1);
      if (length > maxPayloadBytes) {
        throw new BrokenFramesError(`a frame of ${length} bytes is over ${maxPayloadBytes}`);
      }
      const payload = await take(length);
      if (!payload)
        throw new BrokenFramesError("the stream ended between a header and its payload");
      yield { type: view.getUint8(0), payload };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Reads that many bytes, however the stream splits them; undefined when it ended before the first of them. */
function exactly(reader: ReadableStreamDefaultReader<Uint8Array>) {
  let rest = new Uint8Array();
  return async (length: number): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      while (rest.byteLength === 0) {
        const { done, value } = await reader.read();
        if (done && filled === 0) return undefined;
        if (done) throw new BrokenFramesError(`the stream ended ${length - filled} bytes early`);
        rest = value as typeof rest;
      }
      const part = rest.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
      rest = rest.subarray(part.byteLength);
    }
    return bytes;
  };
}

function checkEnd(end: SpeechEnd, bytes: number, sha256: string): SpeechEnd {
  if (end.bytes !== bytes) {
    throw new BrokenFramesError(`${bytes} bytes of audio arrived where ${end.bytes} were sent`);
  }
  if (end.sha256 !== sha256) {
    throw new BrokenFramesError(`the digest of ${bytes} bytes of audio does not match`);
  }
  return end;
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
