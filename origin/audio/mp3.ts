/**
 * MP3 by LAME in WebAssembly, in this thread: the first frames are there when `encode` returns.
 *
 * Each stream has an instance of its own, which goes back on the shelf when the stream ends: one that is configured anew
 * makes the same bytes as a new one, and the 16 MiB of a fresh heap are saved. V8 compiles the same bytes only once.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createEncoder, type WasmMediaEncoder } from "wasm-media-encoders";
import { formats } from "../../shared/formats.ts";
import { clip } from "./clip.ts";
import type { Encoder, EncoderOptions } from "./encoder.ts";

type Lame = WasmMediaEncoder<"audio/mpeg">;
type Mp3Config = Parameters<Lame["configure"]>[0];

/** Of some 0.6 MB each. */
const maxIdle = 16;
const idle: Lame[] = [];
let reading: Promise<Uint8Array> | undefined;

/**
 * Constant-bitrate MP3 without a Xing frame. Decoders give 1105 samples before the first one, and up to a frame and 47
 * samples after the last. No input makes two frames of silence.
 *
 * Throws an Error for a rate other than 8, 11.025, 12, 16, 22.05, 24, 32, 44.1 or 48 kHz.
 */
export async function createMp3Encoder({ sampleRate, bitrate }: EncoderOptions): Promise<Encoder> {
  let lame: Lame | undefined = idle.pop() ?? (await createLame());
  lame.configure({
    channels: 1,
    sampleRate,
    // LAME would choose one by the bitrate.
    outputSampleRate: sampleRate,
    bitrate: (bitrate ?? formats.mp3.bitrate.default) / 1000,
  } as Mp3Config);

  const run = (step: (lame: Lame) => Uint8Array): Uint8Array => {
    if (!lame) throw new Error("the mp3 encoder is closed");
    const running = lame;
    // One that throws must not be used again.
    lame = undefined;
    const bytes = step(running).slice();
    lame = running;
    return bytes;
  };

  const close = () => {
    if (lame && idle.length < maxIdle) idle.push(lame);
    lame = undefined;
  };

  return {
    encode: (pcm) => run((lame) => lame.encode([pcm.map(clip)])),
    finish() {
      const bytes = run((lame) => lame.finalize());
      close();
      return bytes;
    },
    close,
  };
}

async function createLame(): Promise<Lame> {
  reading ??= readFile(createRequire(import.meta.url).resolve("wasm-media-encoders/wasm/mp3"));
  return createEncoder("audio/mpeg", await reading);
}
