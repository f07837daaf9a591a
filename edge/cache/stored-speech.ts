import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { readStoredAudio } from "./read-stored-audio.ts";
import type { StoredAudio } from "./stored-audio.ts";

/** A stream of events tells a stored file in packets of this size: 4 seconds of mp3, or two thirds of one of WAV. */
const maxPacketBytes = 32 * 1024;

/** Tells a stored file as the speech it was. `remove` is called for one that is found damaged, before that is thrown. */
export async function* storedSpeech(
  stored: StoredAudio,
  remove: () => Promise<void>,
): AsyncGenerator<SpeechFrame, void> {
  for await (const part of readStoredAudio(stored, remove)) {
    for (let at = 0; at < part.byteLength; at += maxPacketBytes) {
      yield { kind: "audio", bytes: part.subarray(at, at + maxPacketBytes) };
    }
  }
  yield { kind: "end", end: stored.facts };
}
