import type { SpeechEnd, SpeechFrame } from "../../shared/frames/frame.ts";
import type { KeptBytes } from "./kept-bytes.ts";

/** What a small array costs beside its bytes. */
const frameOverheadBytes = 200;

/** One speech answer as far as it has been spoken, for several readers. More is asked for only when one wants it. */
export interface Tape {
  /** Whether everything from the beginning is still there. */
  readonly isWhole: boolean;
  /** Whether nothing more will come, since the speech has ended or failed. */
  readonly isOver: boolean;
  /** Of all frames so far, those that were dropped included. */
  readonly bytes: number;
  /** The frame at that place, if it has been spoken and is still there. */
  at(place: number): SpeechFrame | undefined;
  /** Waits for one frame more; false when there is none. Rejects with what the speech failed with. */
  advance(): Promise<boolean>;
  /** Drops what nobody needs any more, if it need not stay whole. */
  trim(): void;
  /** Drops everything. */
  close(): void;
}

interface TapeOptions {
  /** Of the most audio that is kept whole. */
  maxBytes: number;
  kept: KeptBytes;
  /** The first place that somebody has yet to come to. */
  oldestPlace(): number;
  /** Is called with all audio when the end has come and the tape is whole. */
  onWhole(audio: Uint8Array[], end: SpeechEnd): void;
}

export function createTape(
  speech: AsyncGenerator<SpeechFrame, void>,
  { maxBytes, kept, oldestPlace, onWhole }: TapeOptions,
): Tape {
  let frames: SpeechFrame[] = [];
  let droppedFrames = 0;
  let bytes = 0;
  let audioBytes = 0;
  let isWhole = true;
  let isOver = false;
  let advancing: Promise<boolean> | undefined;
  const share = kept.open(letGo);

  async function pull(): Promise<boolean> {
    try {
      const { done, value } = await speech.next();
      if (!done) record(value);
      isOver ||= done === true;
      if (!isOver) advancing = undefined;
      return !done;
    } catch (cause) {
      isOver = true;
      throw cause;
    }
  }

  function record(frame: SpeechFrame): void {
    frames.push(frame);
    bytes += sizeOf(frame);
    share.add(sizeOf(frame));
    if (frame.kind === "audio") audioBytes += frame.bytes.byteLength;
    if (audioBytes > maxBytes) letGo();
    if (frame.kind === "end" && isWhole) onWhole(frames.flatMap(audioOf), frame.end);
  }

  function letGo(): void {
    isWhole = false;
    trim();
  }

  function trim(): void {
    const passedFrames = isWhole ? 0 : oldestPlace() - droppedFrames;
    if (passedFrames <= 0) return;
    const passed = frames.splice(0, passedFrames);
    droppedFrames += passed.length;
    share.add(-passed.reduce((total, frame) => total + sizeOf(frame), 0));
  }

  return {
    get isWhole() {
      return isWhole;
    },
    get isOver() {
      return isOver;
    },
    get bytes() {
      return bytes;
    },
    at: (place) => frames[place - droppedFrames],
    // Once it is over this stays the last promise, for every reader to come to.
    advance() {
      advancing ??= pull();
      return advancing;
    },
    trim,
    close() {
      isWhole = false;
      isOver = true;
      frames = [];
      share.release();
      speech.return().catch(() => undefined);
    },
  };
}

/** What a frame takes of the memory. */
export function sizeOf(frame: SpeechFrame): number {
  return frameOverheadBytes + (frame.kind === "audio" ? frame.bytes.byteLength : 0);
}

function audioOf(frame: SpeechFrame): Uint8Array[] {
  return frame.kind === "audio" ? [frame.bytes] : [];
}
