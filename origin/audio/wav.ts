import { wavHeader } from "../../shared/wav-header.ts";
import type { Encoder, EncoderOptions } from "./encoder.ts";
import { toInt16 } from "./int16.ts";
import { joinBytes } from "./join.ts";

/** Mono s16le WAV, at any rate, with the sizes of a stream. No input makes a header alone. */
export function createWavEncoder({ sampleRate }: EncoderOptions): Encoder {
  let unsent: Uint8Array[] = [wavHeader(sampleRate)];
  const release = (bytes: Uint8Array): Uint8Array => {
    const released = joinBytes([...unsent, bytes]);
    unsent = [];
    return released;
  };
  return {
    encode(pcm) {
      if (pcm.length === 0) return new Uint8Array(0);
      return release(new Uint8Array(toInt16(pcm).buffer));
    },
    finish: () => release(new Uint8Array(0)),
    close() {},
  };
}
