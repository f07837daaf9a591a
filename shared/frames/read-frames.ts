import type * as z from "zod";
import { type ApiError, fromEnvelope } from "../api-error.ts";
import { closable } from "../closable.ts";
import { openChunks } from "../read-chunks.ts";
import { speechEventSchema } from "../speech-events.ts";
import {
  endSchema,
  errorFrameSchema,
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
   * answer failed with, each time. Who is in no hurry waits for so many bytes, where that can be had.
   */
  read(atLeastBytes?: number): Promise<SpeechFrame[] | undefined>;
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
  const splitter = createSplitter();
  let bytes = 0;
  let hasEnded = false;
  let failure: { cause: unknown } | undefined;

  /** The frames that a chunk has completed. What comes before a failure is still read. */
  async function framesOf(chunk: Uint8Array): Promise<SpeechFrame[]> {
    const { frames, audio, closing } = splitter.push(chunk);
    for (const part of audio) {
      bytes += part.byteLength;
      await digest?.update(part);
    }
    try {
      const end = closing?.();
      if (!end) return frames;
      checkEnd(end, bytes, (await digest?.hex()) ?? end.sha256);
      hasEnded = true;
      frames.push({ kind: "end", end });
    } catch (cause) {
      failure = { cause };
    }
    return frames;
  }

  async function next(atLeastBytes?: number): Promise<SpeechFrame[]> {
    for (;;) {
      if (failure) throw failure.cause;
      const chunk = await chunks.read(atLeastBytes);
      if (!chunk) {
        const where = splitter.isMidFrame ? "within a frame" : "without an end frame";
        throw new BrokenFramesError(`the stream ended after ${bytes} bytes of audio ${where}`);
      }
      const frames = await framesOf(chunk);
      if (frames.length > 0) return frames;
    }
  }

  return {
    async read(atLeastBytes) {
      if (hasEnded) return undefined;
      try {
        const frames = await next(atLeastBytes);
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

/** The same one frame at a time. Leaving early, begun or not, cancels the stream. */
export function readFrames(
  body: ReadableStream<Uint8Array>,
  digest?: BodyDigest,
): AsyncGenerator<SpeechFrame, void> {
  return eachFrame(openFrames(body, digest));
}

export function eachFrame(source: SpeechSource): AsyncGenerator<SpeechFrame, void> {
  return closable(readEach(source), () => source.cancel());
}

async function* readEach(source: SpeechSource): AsyncGenerator<SpeechFrame, void> {
  try {
    for (let frames = await source.read(); frames; frames = await source.read()) yield* frames;
  } finally {
    await source.cancel();
  }
}

/** What a chunk of the stream has completed. */
interface Completed {
  /** Of audio and events, in order. */
  frames: SpeechFrame[];
  /** All of that audio in few pieces. */
  audio: Uint8Array<ArrayBuffer>[];
  /** Where the answer closes: gives its end, or throws what it failed with. */
  closing?: () => SpeechEnd;
}

/**
 * Puts frames together from chunks that are split anywhere. A chunk is copied once, since it may be overwritten, and the
 * payloads of its audio are moved together in the copy: a piece for each frame would cost more than its bytes.
 */
function createSplitter() {
  const header = new Uint8Array(frameHeaderBytes);
  let headerFilled = 0;
  /** The payload that the last chunk broke off in. */
  let begun: Uint8Array<ArrayBuffer> | undefined;
  let begunFilled = 0;

  function push(chunk: Uint8Array): Completed {
    const completed: Completed = { frames: [], audio: [] };
    const copy = new Uint8Array(chunk);
    let moved = 0;
    let at = 0;

    function takeHeader(): boolean {
      while (headerFilled < frameHeaderBytes && at < copy.byteLength) {
        header[headerFilled++] = copy[at++] ?? 0;
      }
      return headerFilled === frameHeaderBytes;
    }

    /** Of audio a piece of the copy's beginning; of anything else its place in the copy. */
    function takePayload(isAudio: boolean, length: number): Uint8Array<ArrayBuffer> {
      const start = at;
      at += length;
      if (!isAudio) return copy.subarray(start, at);
      copy.copyWithin(moved, start, at);
      moved += length;
      return copy.subarray(moved - length, moved);
    }

    function takeBegun(payload: Uint8Array): boolean {
      const part = copy.subarray(at, at + payload.byteLength - begunFilled);
      payload.set(part, begunFilled);
      begunFilled += part.byteLength;
      at += part.byteLength;
      return begunFilled === payload.byteLength;
    }

    /** The next payload, if all of it is there. */
    function nextPayload(): Uint8Array<ArrayBuffer> | undefined {
      if (begun) {
        const payload = begun;
        if (!takeBegun(payload)) return undefined;
        begun = undefined;
        // The first of this chunk, then.
        if (header[0] === frameType.audio) completed.audio.push(payload);
        return payload;
      }
      if (!takeHeader()) return undefined;
      const length = payloadLength(header);
      if (length <= copy.byteLength - at) return takePayload(header[0] === frameType.audio, length);
      begun = new Uint8Array(length);
      begunFilled = 0;
      takeBegun(begun);
      return undefined;
    }

    function add(type: number | undefined, bytes: Uint8Array<ArrayBuffer>): void {
      switch (type) {
        case frameType.audio:
          completed.frames.push({ kind: "audio", bytes });
          return;
        case frameType.event:
          completed.frames.push({ kind: "event", event: parseJson(speechEventSchema, bytes) });
          return;
        case frameType.end: {
          const end = parseJson(endSchema, bytes);
          completed.closing = () => end;
          return;
        }
        case frameType.error:
          throw errorOf(bytes);
        default:
          throw new BrokenFramesError(`frame type ${type} is unknown`);
      }
    }

    try {
      for (let payload = nextPayload(); payload; payload = nextPayload()) {
        headerFilled = 0;
        add(header[0], payload);
        if (completed.closing) break;
      }
    } catch (cause) {
      completed.closing = () => {
        throw cause;
      };
    }
    if (moved > 0) completed.audio.push(copy.subarray(0, moved));
    return completed;
  }

  return {
    get isMidFrame() {
      return headerFilled > 0;
    },
    push,
  };
}

function payloadLength([, a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  const length = a * 0x1_00_00_00 + (b << 16) + (c << 8) + d;
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
