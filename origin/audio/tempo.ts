/**
 * Faster or slower speech at the same pitch, by Sonic, which drops or repeats whole pitch periods.
 *
 * Sonic decides by what is in its buffer, so it is fed blocks of one length: the output does not depend on how the
 * input was cut. From twice and half speed on it rounds each step to whole samples, which adds up to more than a percent,
 * so there it is steered by how far the output has come. Its own flush plays the end too fast; silence is fed instead.
 */

import createSonic, { type Sonic } from "@echogarden/sonic-wasm";
import { createBlocks } from "./blocks.ts";
import { clip } from "./clip.ts";
import { identity } from "./identity.ts";
import { joinSamples } from "./join.ts";
import type { Stage } from "./stage.ts";

const slowest = 0.25;
const fastest = 4;
const blocksPerSecond = 100;
const ioSamples = 4096;
const float32Bytes = 4;
/** `SONIC_MIN_PITCH`: Sonic holds back two periods of the lowest pitch it looks for. */
const lowestPitchHz = 65;
const maxCorrection = 0.05;

let loading: Promise<Sonic> | undefined;

/**
 * Makes speech `speed` times as fast, 0.25 to 4, at any sample rate from 8 kHz. The output is
 * `round(input samples / speed)` long, give or take 20 ms. The pitch stays within 1 percent, beyond speed 2.5 within 1.5.
 * Throws a RangeError for another speed.
 */
export async function createTempo(speed: number, sampleRate: number): Promise<Stage> {
  if (!(speed >= slowest && speed <= fastest)) {
    throw new RangeError(`speed must be from ${slowest} to ${fastest}, not ${speed}`);
  }
  if (speed === 1) return identity;
  loading ??= createSonic();
  return createStretch(await loading, speed, sampleRate);
}

function createStretch(sonic: Sonic, speed: number, sampleRate: number): Stage {
  const blockSamples = Math.round(sampleRate / blocksPerSecond);
  const blocks = createBlocks(blockSamples);
  const silence = new Float32Array(blockSamples);
  const heldBack = 2 * Math.floor(sampleRate / lowestPitchHz);
  const stream = sonic._sonicCreateStream(sampleRate, 1);
  const io = sonic._malloc(ioSamples * float32Bytes);
  sonic._sonicSetSpeed(stream, speed);
  const drifts = speed <= 0.5 || speed >= 2;
  let received = 0;
  let written = 0;
  let emitted = 0;
  let closed = false;

  const write = (block: Float32Array): Float32Array[] => {
    if (closed) throw new Error("the tempo stage is closed");
    if (drifts && written >= heldBack) {
      const aheadSeconds = (emitted - (written - heldBack) / speed) / sampleRate;
      const correction = Math.max(-maxCorrection, Math.min(maxCorrection, aheadSeconds));
      sonic._sonicSetSpeed(stream, speed * (1 + correction));
    }
    // Sonic works in 16 bits and lets what is beyond full scale wrap around.
    sonic.HEAPF32.set(block.map(clip), io / float32Bytes);
    if (!sonic._sonicWriteFloatToStream(stream, io, block.length)) {
      throw new Error("Sonic is out of memory");
    }
    written += block.length;
    return read();
  };

  const read = (): Float32Array[] => {
    const parts: Float32Array[] = [];
    for (;;) {
      const count = sonic._sonicReadFloatFromStream(stream, io, ioSamples);
      if (count === 0) return parts;
      parts.push(sonic.HEAPF32.slice(io / float32Bytes, io / float32Bytes + count));
      emitted += count;
    }
  };

  const close = () => {
    if (closed) return;
    closed = true;
    sonic._sonicDestroyStream(stream);
    sonic._free(io);
  };

  return {
    push(pcm) {
      received += pcm.length;
      const parts: Float32Array[] = [];
      for (const block of blocks.push(pcm)) parts.push(...write(block));
      return joinSamples(parts);
    },
    finish() {
      const length = Math.round(received / speed);
      const parts = write(blocks.rest());
      while (emitted < length) parts.push(...write(silence));
      close();
      const tail = joinSamples(parts);
      return tail.subarray(0, Math.max(0, tail.length - (emitted - length)));
    },
    close,
  };
}
