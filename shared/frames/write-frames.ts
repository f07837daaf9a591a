import { ApiError, serverError } from "../api-error.ts";
import { frameHeaderBytes, frameType, maxPayloadBytes, type SpeechFrame } from "./frame.ts";

/**
 * Writes a speech answer as frames, see {@link frameType}. When the answer fails its last frame is the error, and then
 * the failure is thrown on, so that the connection is reset as well.
 */
export async function* writeFrames(
  speech: AsyncIterable<SpeechFrame>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  try {
    for await (const frame of speech) {
      if (frame.kind === "audio") yield* audioFrames(frame.bytes);
      else if (frame.kind === "event") yield jsonFrame(frameType.event, frame.event);
      else yield jsonFrame(frameType.end, frame.end);
    }
  } catch (cause) {
    const error =
      cause instanceof ApiError ? cause : serverError("The speech could not be completed.");
    yield jsonFrame(frameType.error, { ...error.envelope, status: error.status });
    throw cause;
  }
}

function* audioFrames(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>, void> {
  for (let start = 0; start < bytes.byteLength; start += maxPayloadBytes) {
    yield frame(frameType.audio, bytes.subarray(start, start + maxPayloadBytes));
  }
}

function jsonFrame(type: number, value: unknown): Uint8Array<ArrayBuffer> {
  return frame(type, new TextEncoder().encode(JSON.stringify(value)));
}

function frame(type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frameHeaderBytes + payload.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint32(1, payload.byteLength);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}
