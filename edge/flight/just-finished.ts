import type { KeptBytes } from "../../shared/kept-bytes.ts";
import type { AudioFile } from "../cache/stored-audio.ts";

/** By then KV shows a new file in the same place, and SDKs have come back for what they gave up. */
const keepMs = 10_000;

/** The file that a flight has just ended with, for those who come a little late. */
export interface JustFinished {
  /** Undefined when there is none, or resolves to undefined when there is none to be heard again. */
  readonly file: Promise<AudioFile | undefined> | undefined;
  /** `made` never rejects. */
  remember(made: Promise<AudioFile | undefined>): void;
}

export function createJustFinished(kept: KeptBytes): JustFinished {
  let file: Promise<AudioFile | undefined> | undefined;

  async function countAndForget(made: Promise<AudioFile | undefined>): Promise<void> {
    const share = kept.open(forget);
    share.add((await made)?.facts.bytes ?? 0);
    setTimeout(forget, keepMs);
    function forget() {
      share.release();
      if (file === made) file = undefined;
    }
  }

  return {
    get file() {
      return file;
    },
    remember(made) {
      file = made;
      void countAndForget(made);
    },
  };
}
