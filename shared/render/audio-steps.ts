type Bytes = Uint8Array<ArrayBuffer>;

/**
 * What is worked on at once, while everything else in the program waits. A multiple of the three bytes that make four
 * characters of base64, so that none but the last step ends in padding.
 */
const stepBytes = 3 * 128 * 1024;

/** What the audio takes of a memory that others share. */
export interface MemoryShare {
  /** A negative number gives bytes back. */
  add(bytes: number): void;
  /** Gives all of it back. */
  release(): void;
}

/** A queue that takes audio in pieces of any size, copies it, and gives it in steps of one size. */
export interface AudioSteps {
  /** Of all audio so far, what was taken out included. */
  readonly bytes: number;
  readonly isFinished: boolean;
  /** The step that is next, as far as it is filled. */
  readonly first: Bytes;
  /** Lets the event loop turn when a step is full. */
  push(piece: Uint8Array): Promise<void>;
  /** Nothing more will come. */
  finish(): void;
  /** Takes the next full step, or the last one once it is finished, after a turn of the event loop; undefined without one. */
  shift(): Promise<Bytes | undefined>;
}

export function createAudioSteps(share?: MemoryShare): AudioSteps {
  const full: Bytes[] = [];
  let open = new Uint8Array(stepBytes);
  let openBytes = 0;
  let bytes = 0;
  let isFinished = false;

  function close(): void {
    if (openBytes > 0) full.push(open.subarray(0, openBytes));
    openBytes = 0;
  }

  return {
    get bytes() {
      return bytes;
    },
    get isFinished() {
      return isFinished;
    },
    get first() {
      return full[0] ?? open.subarray(0, openBytes);
    },
    async push(piece) {
      bytes += piece.byteLength;
      share?.add(piece.byteLength);
      for (let at = 0; at < piece.byteLength; ) {
        const part = piece.subarray(at, at + stepBytes - openBytes);
        open.set(part, openBytes);
        openBytes += part.byteLength;
        at += part.byteLength;
        if (openBytes < stepBytes) continue;
        close();
        open = new Uint8Array(stepBytes);
        await nextTurn();
      }
    },
    finish() {
      isFinished = true;
      close();
    },
    async shift() {
      const step = full.shift();
      if (!step) return undefined;
      share?.add(-step.byteLength);
      await nextTurn();
      return step;
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
