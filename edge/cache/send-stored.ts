import type { SpeechFrame } from "../../shared/frames/frame.ts";
import type { SpeechSource } from "../../shared/frames/read-frames.ts";
import { openChunks } from "../../shared/read-chunks.ts";
import { badGateway, clientLeft } from "../errors.ts";
import type { SpeechOutcome } from "../speech-outcome.ts";
import type { StoredAudio } from "./stored-audio.ts";

/** A stream of events tells a stored file in packets of this size: 4 seconds of mp3, or two thirds of one of WAV. */
const packetBytes = 32 * 1024;

/** Of a file that passes as it is. Smaller ones cost more turns than the whole Worker. */
const pieceBytes = 256 * 1024;

interface Sent {
  body: Uint8Array | ReadableStream<Uint8Array>;
  outcome: Promise<SpeechOutcome>;
}

/**
 * A stored file as the body of an answer. A large one passes in large pieces, only its length being checked: the client
 * is reset when that is not what was stored, and `onDamaged` is called.
 */
export function sendStored(
  { facts, body }: StoredAudio,
  onDamaged: (damage: Error) => Promise<void>,
): Sent {
  if (body instanceof Uint8Array) {
    return { body, outcome: Promise.resolve({ audioBytes: facts.bytes, failure: undefined }) };
  }
  // A pipe would cost a little less, and not tell a file that is too short from a whole one.
  const { readable, writable } = new FixedLengthStream(facts.bytes);
  return { body: readable, outcome: pass(body, writable, facts.bytes, onDamaged) };
}

async function pass(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  expectedBytes: number,
  onDamaged: (damage: Error) => Promise<void>,
): Promise<SpeechOutcome> {
  const chunks = openChunks(body, pieceBytes);
  const writer = writable.getWriter();
  let audioBytes = 0;
  let isRead = false;
  try {
    for (let chunk = await chunks.read(pieceBytes); chunk; chunk = await chunks.read(pieceBytes)) {
      if (audioBytes + chunk.byteLength > expectedBytes) throw wrongLength("more", expectedBytes);
      isRead = true;
      await writer.write(chunk);
      isRead = false;
      audioBytes += chunk.byteLength;
    }
    if (audioBytes < expectedBytes) throw wrongLength(audioBytes, expectedBytes);
    await writer.close();
    return { audioBytes, failure: undefined };
  } catch (cause) {
    await Promise.allSettled([writer.abort(cause), chunks.cancel()]);
    const isDamaged = cause instanceof DamagedAudioError;
    // What is read and not taken is the client's doing.
    if (isRead && !isDamaged) return { audioBytes, failure: clientLeft() };
    if (isDamaged) await onDamaged(cause);
    return { audioBytes, failure: badGateway("A stored file could not be read.", cause) };
  }
}

/** What was stored is not what it was stored as. */
class DamagedAudioError extends Error {
  override readonly name = "DamagedAudioError";
}

function wrongLength(bytes: number | "more", expected: number): DamagedAudioError {
  return new DamagedAudioError(`${bytes} stored bytes where ${expected} were kept`);
}

/** A stored file as the speech it was. One that is found damaged is thrown as a 502, after a call of `onDamaged`. */
export function storedSource(
  { facts, body, events }: StoredAudio,
  onDamaged: (damage: Error) => Promise<void>,
): SpeechSource {
  const chunks = openChunks(body instanceof Uint8Array ? streamOf(body) : body);
  let bytes = 0;
  let hasEnded = false;

  async function end(): Promise<SpeechFrame[]> {
    hasEnded = true;
    if (bytes === facts.bytes) {
      const told = events?.events.map((event) => ({ kind: "event", event }) as const) ?? [];
      return [...told, { kind: "end", end: facts }];
    }
    const damage = wrongLength(bytes, facts.bytes);
    await onDamaged(damage);
    throw badGateway("A stored file is damaged.", damage);
  }

  return {
    async read() {
      if (hasEnded) return undefined;
      const chunk = await chunks.read();
      if (!chunk) return end();
      bytes += chunk.byteLength;
      return packetsOf(chunk.slice());
    },
    cancel: () => chunks.cancel(),
  };
}

function packetsOf(bytes: Uint8Array<ArrayBuffer>): SpeechFrame[] {
  const packets: SpeechFrame[] = [];
  for (let at = 0; at < bytes.byteLength; at += packetBytes) {
    packets.push({ kind: "audio", bytes: bytes.subarray(at, at + packetBytes) });
  }
  return packets;
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
