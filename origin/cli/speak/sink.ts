import type { SpeechEnd } from "../../../shared/frames/frame.ts";

/** How long the sound is. */
export type SoundLength = Pick<SpeechEnd, "samples" | "sample_rate">;

/** Where the bytes of a file go. After a failure of its own it is only discarded. */
export interface Sink {
  /** For the user. */
  readonly name: string;
  /** Resolves when it can take more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything, which is so much sound, has arrived where it should. */
  finish(length: SoundLength): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}
