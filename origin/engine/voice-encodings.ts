import { createHash } from "node:crypto";
import { ApiError } from "../../shared/api-error.ts";
import type { EncodedVoice, VoiceRecording } from "../voices/voice-prompt.ts";
import type { ToChild, ToParent } from "./protocol.ts";
import type { Quarantine } from "./quarantine.ts";

/** The parent's side of the protocol for voices: the recordings that are being encoded. */
export interface VoiceEncodings {
  /** Has one encoded by the process behind `send`, as `Engine.encodeVoice` promises. */
  encode(
    send: (message: ToChild) => void,
    recording: VoiceRecording,
    signal: AbortSignal,
  ): Promise<EncodedVoice>;
  /** Hands an answer over to whoever waits for it, if anybody still does. */
  receive(message: Extract<ToParent, { type: "encoded" | "notEncoded" }>): void;
  failAll(error: ApiError): void;
  /** What the process may die of, by keys for the quarantine. */
  suspects(): string[];
}

interface UnderWay {
  key: string;
  resolve(voice: EncodedVoice): void;
  reject(reason: unknown): void;
}

export function createVoiceEncodings(
  quarantine: Pick<Quarantine, "admit" | "acquit">,
): VoiceEncodings {
  const underWay = new Map<number, UnderWay>();
  let count = 0;

  return {
    encode(send, recording, signal) {
      const key = recordingKey(recording);
      quarantine.admit(key, { task: "encode", param: "recording" });
      const id = count++;
      return new Promise((resolve, reject) => {
        const leave = () => {
          underWay.delete(id);
          signal.removeEventListener("abort", onAbort);
        };
        const onAbort = () => {
          leave();
          send({ type: "cancelEncoding", id });
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort);
        underWay.set(id, {
          key,
          resolve(voice) {
            leave();
            quarantine.acquit(key);
            resolve(voice);
          },
          reject(reason) {
            leave();
            reject(reason);
          },
        });
        send({ type: "encode", id, recording });
      });
    },
    receive(message) {
      const waiting = underWay.get(message.id);
      if (message.type === "encoded") waiting?.resolve(message.voice);
      else waiting?.reject(new ApiError(message.error));
    },
    failAll(error) {
      for (const { reject } of [...underWay.values()]) reject(error);
    },
    suspects: () => [...underWay.values()].map(({ key }) => key),
  };
}

function recordingKey({ samples, withCodes }: VoiceRecording): string {
  const { buffer, byteOffset, byteLength } = samples;
  return createHash("sha256")
    .update(`recording ${withCodes} `)
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("base64");
}
