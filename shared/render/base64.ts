import { type Base64Answer, usageOf } from "../answers.ts";
import { toBase64 } from "../base64.ts";
import { completeHeader } from "../complete-header.ts";
import type { AudioFormat } from "../formats.ts";
import type { SpeechEnd, SpeechFrame } from "../frames/frame.ts";
import { BrokenFramesError } from "../frames/read-frames.ts";
import type { SpeechEvent } from "../speech-events.ts";
import { timestampsOf } from "../timestamps.ts";
import { createAudioSteps, type MemoryShare } from "./audio-steps.ts";
import type { FileUrl } from "./file-url.ts";

/**
 * The most audio that is waited for before the document begins: nine minutes of mp3 or 87 seconds of WAV at the default
 * rates. Half a JSON document is of no use to anybody, so holding it back costs nothing but memory.
 */
const maxHeldBytes = 4 * 1024 * 1024;

const opening = encode('{"audio":"');

interface Base64Options {
  fileUrl?: FileUrl | undefined;
  share?: MemoryShare;
  /** Whether the document is to say what happens in the speech. */
  hasEvents?: boolean;
}

export interface Base64Document {
  /** Of all parts together; undefined when the speech goes on for longer than could be waited for. */
  bytes: number | undefined;
  /** Fails as the speech does, or when that has no end frame. The speech is returned when this has ended or is returned. */
  parts: AsyncGenerator<Uint8Array, void>;
}

/**
 * Renders a speech answer as one JSON document. Speech of up to 4 MiB is waited for: what it fails with is thrown from
 * here, and the header of WAV, FLAC and WebM says how long it is. Longer speech is rendered as it comes, under the header it has.
 */
export async function renderBase64(
  speech: AsyncGenerator<SpeechFrame, void>,
  format: AudioFormat,
  { fileUrl, share, hasEvents = false }: Base64Options = {},
): Promise<Base64Document> {
  const audio = createAudioSteps(share);
  let end: SpeechEnd | undefined;
  let facts: Uint8Array | undefined;
  const events: SpeechEvent[] = [];
  const closing = () => closingOf(end, format, { fileUrl, events: hasEvents ? events : undefined });

  async function hear(): Promise<void> {
    const { done, value: frame } = await speech.next();
    if (done) audio.finish();
    else if (frame.kind === "audio") await audio.push(frame.bytes);
    else if (frame.kind === "event") events.push(frame.event);
    else end = frame.end;
  }

  async function leave(): Promise<void> {
    share?.release();
    await speech.return();
  }

  async function* write(): AsyncGenerator<Uint8Array, void> {
    try {
      // Taken below: a generator that has not begun runs no `finally` when it is returned.
      yield encode("");
      yield opening;
      for (;;) {
        const step = await audio.shift();
        if (step) yield encode(toBase64(step));
        else if (audio.isFinished) break;
        else await hear();
      }
      yield facts ?? (await closing());
    } finally {
      await leave();
    }
  }

  try {
    while (!audio.isFinished && audio.bytes < maxHeldBytes) await hear();
    if (audio.isFinished) {
      facts = await closing();
      if (end) completeHeader(audio.first, format, end);
    }
  } catch (cause) {
    await leave();
    throw cause;
  }
  const parts = write();
  await parts.next();
  const bytes = facts && opening.byteLength + base64Length(audio.bytes) + facts.byteLength;
  return { bytes, parts };
}

/** Everything after the audio. */
async function closingOf(
  end: SpeechEnd | undefined,
  format: AudioFormat,
  { fileUrl, events }: { fileUrl: FileUrl | undefined; events: SpeechEvent[] | undefined },
): Promise<Uint8Array> {
  if (!end) throw new BrokenFramesError("the answer has no end frame");
  const facts: Omit<Base64Answer, "audio"> = {
    format,
    sample_rate: end.sample_rate,
    duration_ms: Math.round((end.samples / end.sample_rate) * 1000),
    usage: usageOf(end),
    ...(events ? { timestamps: timestampsOf(events) } : {}),
    ...(await fileUrl?.(end)),
  };
  return encode(`",${JSON.stringify(facts).slice(1)}`);
}

function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
