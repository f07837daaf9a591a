/**
 * Changes the sample rate, by the Speex resampler: a windowed-sinc polyphase filter with its state kept across chunks,
 * so the output does not depend on how the input was cut.
 */

import createSpeexResampler, { type SpeexResampler } from "@echogarden/speex-resampler-wasm/simd";
import { identity } from "./identity.ts";
import { joinSamples } from "./join.ts";
import type { Stage } from "./stage.ts";

/**
 * Of 0 to 10. Flat to 0.9 of the lower Nyquist frequency, everything else more than 90 dB down, and 64 samples of the
 * lower rate held back: 3 ms at 24 kHz.
 */
const quality = 7;

const inputSamples = 2048;
const outputSamples = 4096;
const float32Bytes = 4;

let loading: Promise<SpeexResampler> | undefined;

/**
 * Turns PCM at `from` Hz into PCM at `to` Hz, in place: what sounds at a time still sounds at that time, and the output
 * is `round(input samples · to / from)` long.
 */
export async function createResampler(from: number, to: number): Promise<Stage> {
  if (from === to) return identity;
  loading ??= createSpeexResampler();
  return createFilter(await loading, from, to);
}

function createFilter(speex: SpeexResampler, from: number, to: number): Stage {
  const memory = speex._malloc((inputSamples + outputSamples + 2) * float32Bytes);
  const [input, output] = [memory, memory + inputSamples * float32Bytes];
  const inputCount = output + outputSamples * float32Bytes;
  const outputCount = inputCount + float32Bytes;
  const state = speex._speex_resampler_init(1, from, to, quality, inputCount);
  if (state === 0) {
    speex._free(memory);
    throw new RangeError(`cannot resample from ${from} to ${to} Hz`);
  }
  speex._speex_resampler_skip_zeros(state);
  const silence = new Float32Array(inputSamples);
  let received = 0;
  let emitted = 0;
  let closed = false;

  const process = (pcm: Float32Array): Float32Array[] => {
    if (closed) throw new Error("the resampler is closed");
    const parts: Float32Array[] = [];
    for (let at = 0; at < pcm.length; ) {
      const block = pcm.subarray(at, at + inputSamples);
      speex.HEAPF32.set(block, input / float32Bytes);
      speex.HEAPU32[inputCount / float32Bytes] = block.length;
      speex.HEAPU32[outputCount / float32Bytes] = outputSamples;
      if (speex._speex_resampler_process_float(state, 0, input, inputCount, output, outputCount)) {
        throw new Error("the Speex resampler failed");
      }
      at += speex.HEAPU32[inputCount / float32Bytes] ?? 0;
      const count = speex.HEAPU32[outputCount / float32Bytes] ?? 0;
      parts.push(speex.HEAPF32.slice(output / float32Bytes, output / float32Bytes + count));
      emitted += count;
    }
    return parts;
  };

  const close = () => {
    if (closed) return;
    closed = true;
    speex._speex_resampler_destroy(state);
    speex._free(memory);
  };

  return {
    push(pcm) {
      received += pcm.length;
      return joinSamples(process(pcm));
    },
    finish() {
      const length = Math.round((received * to) / from);
      const parts: Float32Array[] = [];
      while (emitted < length) parts.push(...process(silence));
      close();
      const tail = joinSamples(parts);
      return tail.subarray(0, tail.length - Math.max(0, emitted - length));
    },
    close,
  };
}
