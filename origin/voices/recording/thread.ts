/** Runs in a thread of its own: reads one recording at a time and says what came of it. */

import { parentPort } from "node:worker_threads";
import { ApiError } from "../../../shared/api-error.ts";
import { type DecodedRecording, decodeRecording } from "./decode-recording.ts";
import { findFaultOfTrimmed, findFaultOfWhole } from "./judge.ts";
import { frameLevels } from "./levels.ts";
import { type Recording, recordingSampleRate, unreadable } from "./recording.ts";
import { trimToSpeech } from "./trim.ts";

export type ThreadAnswer =
  | { recording: Recording }
  | {
      /** An ApiError as it is sent from thread to thread. */
      refusal: { message: string; code: string };
      /** What led to it was not foreseen, so decoders may be left in any state. */
      isSpent: boolean;
    };

// Decoders complain there about what they are given. Read by the main thread, the streams would keep its process running.
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;

async function answer(bytes: Uint8Array): Promise<ThreadAnswer> {
  try {
    return { recording: makeRecording(await decodeRecording(bytes)) };
  } catch (error) {
    if (error instanceof ApiError) return { refusal: toRefusal(error), isSpent: false };
    // Whatever a decoder says: the same decoder reads whole files.
    const said = error instanceof Error ? error.message : String(error);
    const refusal = unreadable(`The recording cannot be read, it is damaged or cut off: ${said}`);
    return { refusal: toRefusal(refusal), isSpent: true };
  }
}

function toRefusal({ message, code }: ApiError): { message: string; code: string } {
  return { message, code: code ?? "invalid_audio" };
}

function makeRecording({ samples, clippedShare, source }: DecodedRecording): Recording {
  const levels = frameLevels(samples);
  const faultOfWhole = findFaultOfWhole(levels, clippedShare);
  if (faultOfWhole) throw faultOfWhole;
  const trimmed = trimToSpeech(samples, levels);
  const fault = findFaultOfTrimmed(trimmed);
  if (fault) throw fault;
  return { samples: trimmed, seconds: trimmed.length / recordingSampleRate, source };
}

parentPort?.on("message", (bytes: Uint8Array) => {
  void answer(bytes).then((told) => {
    const transfer = "recording" in told ? [told.recording.samples.buffer as ArrayBuffer] : [];
    parentPort?.postMessage(told, transfer);
  });
});

// Ready.
parentPort?.postMessage(null);
