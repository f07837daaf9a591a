import { invalidRequest, unavailable } from "../api-error.ts";
import { closable } from "../closable.ts";
import { completeHeader } from "../complete-header.ts";
import type { AudioFormat } from "../formats.ts";
import type { SpeechEnd, SpeechFrame } from "../frames/frame.ts";
import { BrokenFramesError } from "../frames/read-frames.ts";
import type { KeptBytes } from "../kept-bytes.ts";
import { type AudioSteps, createAudioSteps } from "./audio-steps.ts";

const retryAfterSeconds = 5;

/** Where answers are held until they are whole. */
export interface HoldingRoom {
  /** The most audio of one answer. */
  maxBytes: number;
  /** Of all of them, and of whatever else takes of that memory. */
  kept: KeptBytes;
}

export interface WholeSpeech {
  end: SpeechEnd;
  /** The same audio, under a header that says how long it is. Whoever has it reads it or returns it. */
  speech: AsyncGenerator<SpeechFrame, void>;
}

/**
 * Waits for all of a speech. What it fails with is thrown from here, a 400 when it is larger than what is held, and a 503
 * when others need the room it takes; when they come to need it while it is being read, reading fails with that. The
 * speech is returned when this fails.
 */
export async function holdUntilWhole(
  speech: AsyncGenerator<SpeechFrame, void>,
  format: AudioFormat,
  { maxBytes, kept }: HoldingRoom,
): Promise<WholeSpeech> {
  let crowdOut: (reason: Error) => void = () => undefined;
  const crowdedOut = new Promise<never>((_resolve, reject) => {
    crowdOut = reject;
  });
  // It may come between two reads.
  crowdedOut.catch(() => undefined);
  const share = kept.open(() => {
    held = undefined;
    share.release();
    crowdOut(noRoom());
  });
  const events: SpeechFrame[] = [];
  let held: AudioSteps | undefined = createAudioSteps(share);

  async function take(frame: SpeechFrame): Promise<void> {
    if (frame.kind !== "audio" || !held) return;
    if (held.bytes + frame.bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
    await held.push(frame.bytes);
  }

  async function hear(): Promise<SpeechEnd> {
    for (let end: SpeechEnd | undefined; ; ) {
      const { done, value: frame } = await Promise.race([speech.next(), crowdedOut]);
      if (done && end) return end;
      if (done) throw new BrokenFramesError("the answer has no end frame");
      if (frame.kind === "end") end = frame.end;
      else if (frame.kind === "event") events.push(frame);
      else await take(frame);
    }
  }

  async function* write(end: SpeechEnd): AsyncGenerator<SpeechFrame, void> {
    for (;;) {
      if (!held) throw noRoom();
      const bytes = await held.shift();
      if (!bytes) break;
      yield { kind: "audio", bytes };
    }
    yield* events;
    yield { kind: "end", end };
  }

  try {
    const end = await hear();
    if (!held) throw noRoom();
    held.finish();
    completeHeader(held.first, format, end);
    return { end, speech: closable(write(end), () => share.release()) };
  } catch (cause) {
    share.release();
    // Not waited for: it may be in the midst of something.
    speech.return().catch(() => undefined);
    throw cause;
  }
}

function tooLarge(maxBytes: number) {
  return invalidRequest(
    "file_too_large",
    `stream must be true or left out for a file of more than ${maxBytes} bytes, which is not held until it is whole; this one has more`,
    "stream",
  );
}

function noRoom() {
  return unavailable(
    "server_is_overloaded",
    "There is no room at present to hold this file until it is whole. Without stream: false it is sent as it is spoken.",
    retryAfterSeconds,
  );
}
