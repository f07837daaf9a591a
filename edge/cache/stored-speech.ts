import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { logFault } from "../log-fault.ts";
import type { AudioStore } from "./audio-store.ts";
import { DamagedAudioError, readStoredAudio } from "./read-stored-audio.ts";
import type { StoredAudio } from "./stored-audio.ts";

/** A stream of events tells a stored file in packets of this size: 4 seconds of mp3, or a third of one of WAV. */
const maxPacketBytes = 32 * 1024;

/** Tells a stored file as the speech it was. One that is found damaged is removed, and the error is thrown. */
export async function* storedSpeech(
  stored: StoredAudio,
  fileId: string,
  store: AudioStore,
): AsyncGenerator<SpeechFrame, void> {
  try {
    for await (const part of readStoredAudio(stored)) {
      for (let at = 0; at < part.byteLength; at += maxPacketBytes) {
        yield { kind: "audio", bytes: part.subarray(at, at + maxPacketBytes) };
      }
    }
  } catch (cause) {
    if (cause instanceof DamagedAudioError) {
      logFault("a stored file is damaged", cause);
      await store.remove(fileId);
    }
    throw cause;
  }
  yield { kind: "end", end: stored.facts };
}
