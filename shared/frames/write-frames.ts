import { ApiError, serverError } from "../api-error.ts";
import { closable } from "../closable.ts";
import { frameHeaderBytes, frameType, maxPayloadBytes, type SpeechFrame } from "./frame.ts";

/**
 * Writes a speech answer as frames, see {@link frameType}. When the answer fails its last frame is the error, and then
 * the failure is thrown on, so that the connection is reset as well.
 */
export function writeFrames(
  speech: AsyncGenerator<SpeechFrame, void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  return closable(write(speech), () => speech.return());
}

async function* write(
  speech: AsyncGenerator<SpeechFrame, void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  try {
    for await (const frame of speech) yield* encodeFrame(frame);
  } catch (cause) {
    yield encodeFailure(cause);
    throw cause;
  }
}

/** A frame as it is sent; audio that is too long for one makes several. */
export function* encodeFrame(frame: SpeechFrame): Generator<Uint8Array<ArrayBuffer>, void> {
  switch (frame.kind) {
    case "audio":
      for (let at = 0; at < frame.bytes.byteLength; at += maxPayloadBytes) {
        yield encode(frameType.audio, frame.bytes.subarray(at, at + maxPayloadBytes));
      }
      return;
    case "event":
      yield encodeJson(frameType.event, frame.event);
      return;
    case "end":
      yield encodeJson(frameType.end, frame.end);
  }
}

/** The frame that an answer ends with when it has failed: no more of the cause than is meant for clients. */
export function encodeFailure(cause: unknown): Uint8Array<ArrayBuffer> {
  const error =
    cause instanceof ApiError ? cause : serverError("The speech could not be completed.");
  return encodeJson(frameType.error, { ...error.envelope, status: error.status });
}

function encodeJson(type: number, value: unknown): Uint8Array<ArrayBuffer> {
  return encode(type, new TextEncoder().encode(JSON.stringify(value)));
}

function encode(type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frameHeaderBytes + payload.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint32(1, payload.byteLength);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}
