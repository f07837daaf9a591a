import type { SpeechEnd, SpeechFrame } from "../../shared/frames/frame.ts";
import type { SpeechSource } from "../../shared/frames/read-frames.ts";
import type { KeptBytes } from "../../shared/kept-bytes.ts";
import type { SpeechEvent } from "../../shared/speech-events.ts";

/** What a small array costs beside its bytes. */
const frameOverheadBytes = 200;

/** The most that a listener who is behind is given at once. */
const batchBytes = 64 * 1024;

/** All of a speech. */
export interface WholeSpeech {
  audio: Uint8Array<ArrayBuffer>[];
  events: SpeechEvent[];
  end: SpeechEnd;
}

/** One speech answer as far as it has been spoken, for several listeners. More is read only when one wants it. */
export interface SpeechBuffer {
  /** Whether everything from the beginning is still there. */
  readonly isWhole: boolean;
  /** Whether nothing more will come, since the speech has ended, failed or been closed. */
  readonly isOver: boolean;
  /** Of all frames so far, those that were dropped included. */
  readonly bytes: number;
  /**
   * Waits for the frames from that place on, one or more; undefined at the end of a speech that was whole. Rejects with
   * what the speech failed with, or was closed with.
   */
  read(place: number): Promise<SpeechFrame[] | undefined>;
  /** Drops what nobody needs any more, if it need not stay whole. */
  trim(): void;
  /** Drops everything and lets go of the speech. Who still waits is told the reason. */
  close(reason: Error): void;
}

/** The most that the audio is let gather before it is read, in seconds of it. */
const maxGatheredSeconds = 8;

interface BufferOptions {
  /** Of the audio when it is played, about. */
  bytesPerSecond: number;
  /** Of the most audio that is kept whole. */
  maxBytes: number;
  kept: KeptBytes;
  /** The first place that somebody has yet to come to. */
  oldestPlace(): number;
  /** Is called with all audio when the end has come and the buffer is whole. */
  onWhole(whole: WholeSpeech): void;
  /** Is called when the speech has failed. */
  onFailed(cause: unknown): void;
}

interface Waiter {
  resolve(frames: SpeechFrame[] | undefined): void;
  reject(cause: unknown): void;
}

type State = { name: "open" } | { name: "ended" } | { name: "failed"; cause: unknown };

export function createSpeechBuffer(
  upstream: SpeechSource,
  { bytesPerSecond, maxBytes, kept, oldestPlace, onWhole, onFailed }: BufferOptions,
): SpeechBuffer {
  let state: State = { name: "open" };
  let frames: SpeechFrame[] = [];
  let droppedFrames = 0;
  let bytes = 0;
  let audioBytes = 0;
  let isWhole = true;
  let isReading = false;
  /** Since the first of it was here. */
  let playedMs = 0;
  let lookedAt: number | undefined;
  let waiters: Waiter[] = [];
  const share = kept.open(letGo);

  /** Reads once for all who wait, who are therefore all at the end of what there is. */
  async function readOn(): Promise<void> {
    isReading = true;
    try {
      const batch = await upstream.read(leadBytes() / 2);
      lookedAt ??= Date.now();
      if (state.name !== "open") return;
      if (batch) record(batch);
      else state = { name: "ended" };
      for (const { resolve } of settleWaiters()) resolve(batch);
    } catch (cause) {
      if (state.name !== "open") return;
      fail(cause);
      onFailed(cause);
    } finally {
      isReading = false;
    }
  }

  /**
   * How far the speech is ahead of who plays it as it comes. Half of that may gather before it is read: what is heard
   * soon is passed on at once, and of the rest each turn takes more.
   */
  function leadBytes(): number {
    if (lookedAt === undefined) return 0;
    const now = Date.now();
    // A clock that was set back has shown no time.
    playedMs += Math.max(0, now - lookedAt);
    lookedAt = now;
    const lead = audioBytes - (playedMs / 1000) * bytesPerSecond;
    return Math.min(Math.max(0, lead), 2 * maxGatheredSeconds * bytesPerSecond);
  }

  function record(batch: readonly SpeechFrame[]): void {
    for (const frame of batch) {
      frames.push(frame);
      if (frame.kind === "audio") audioBytes += frame.bytes.byteLength;
    }
    const size = sizeOf(batch);
    bytes += size;
    share.add(size);
    if (audioBytes > maxBytes) letGo();
    const last = batch.at(-1);
    if (last?.kind !== "end") return;
    state = { name: "ended" };
    if (!isWhole) return;
    onWhole({ audio: frames.flatMap(audioOf), events: frames.flatMap(eventOf), end: last.end });
  }

  function fail(cause: unknown): void {
    state = { name: "failed", cause };
    for (const { reject } of settleWaiters()) reject(cause);
  }

  function settleWaiters(): Waiter[] {
    const settled = waiters;
    waiters = [];
    return settled;
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
    share.add(-sizeOf(passed));
  }

  return {
    get isWhole() {
      return isWhole;
    },
    get isOver() {
      return state.name !== "open";
    },
    get bytes() {
      return bytes;
    },
    async read(place) {
      if (place < droppedFrames) throw new Error(`place ${place} is no longer there`);
      const batch = batchFrom(frames, place - droppedFrames);
      if (batch.length > 0) return batch;
      if (state.name === "failed") throw state.cause;
      if (state.name === "ended") return undefined;
      return new Promise((resolve, reject) => {
        waiters.push({ resolve, reject });
        if (!isReading) void readOn();
      });
    },
    trim,
    close(reason) {
      if (state.name === "open") void upstream.cancel();
      fail(reason);
      isWhole = false;
      frames = [];
      share.release();
    },
  };
}

function batchFrom(frames: readonly SpeechFrame[], from: number): SpeechFrame[] {
  const batch: SpeechFrame[] = [];
  let size = 0;
  for (let at = from; at < frames.length && size < batchBytes; at++) {
    const frame = frames[at];
    if (!frame) break;
    batch.push(frame);
    size += frame.kind === "audio" ? frame.bytes.byteLength : 0;
  }
  return batch;
}

/** What frames take of the memory. */
export function sizeOf(frames: readonly SpeechFrame[]): number {
  let bytes = frames.length * frameOverheadBytes;
  for (const frame of frames) if (frame.kind === "audio") bytes += frame.bytes.byteLength;
  return bytes;
}

function eventOf(frame: SpeechFrame): SpeechEvent[] {
  return frame.kind === "event" ? [frame.event] : [];
}

function audioOf(frame: SpeechFrame): Uint8Array<ArrayBuffer>[] {
  return frame.kind === "audio" ? [frame.bytes] : [];
}
