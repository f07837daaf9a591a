import { createKWeighting } from "./k-weighting.ts";

/** Blocks are of 400 ms and begin every 100 ms: of so many steps of so many seconds. */
const stepsPerBlock = 4;
export const stepSeconds = 0.1;

/** ITU-R BS.1770-4, equation 2: with it, a tone of 997 Hz at 0 dBFS in one channel is at -3.01. */
const offsetDb = -0.691;
const absoluteGate = -70;
const relativeGateLu = -10;

/** Blocks are remembered by their loudness in steps of 0.1 LU up to here, so that a day of speech takes no more than a word. */
const loudest = 30;
const binsPerLu = 10;
const bins = (loudest - absoluteGate) * binsPerLu;

/** Measures the integrated loudness of a mono sound while it passes: ITU-R BS.1770-4, Annex 1, and EBU R 128. */
export interface LoudnessMeter {
  push(pcm: Float32Array): void;
  /** In LUFS, of all blocks so far that pass both gates; null before there is one. */
  readonly integrated: number | null;
  /** How many blocks that is the mean of. */
  readonly blocks: number;
  /** In LUFS, of all samples without gates: of what is too short for a block. Null without sound. */
  readonly ungated: number | null;
}

/** `sampleRate` in Hz, a multiple of ten. */
export function createLoudnessMeter(sampleRate: number): LoudnessMeter {
  const weigh = createKWeighting(sampleRate);
  const stepSamples = Math.round(stepSeconds * sampleRate);
  const counts = new Uint32Array(bins);
  const energies = new Float64Array(bins);
  const steps: number[] = [];
  let step = 0;
  let stepLength = 0;
  let squares = 0;
  let samples = 0;

  function endStep(): void {
    steps.push(step / stepSamples);
    if (steps.length > stepsPerBlock) steps.shift();
    step = 0;
    stepLength = 0;
    if (steps.length < stepsPerBlock) return;
    const energy = steps.reduce((sum, value) => sum + value, 0) / stepsPerBlock;
    const bin = binOf(toLufs(energy));
    if (bin < 0) return;
    counts[bin] = (counts[bin] ?? 0) + 1;
    energies[bin] = (energies[bin] ?? 0) + energy;
  }

  /** The number of blocks from a bin on, and their energy. */
  function sumFrom(first: number): { count: number; energy: number } {
    let count = 0;
    let energy = 0;
    for (let bin = first; bin < bins; bin++) {
      count += counts[bin] ?? 0;
      energy += energies[bin] ?? 0;
    }
    return { count, energy };
  }

  function gated(): { count: number; energy: number } {
    const { count, energy } = sumFrom(0);
    if (count === 0) return { count, energy };
    return sumFrom(Math.max(0, binOf(toLufs(energy / count) + relativeGateLu)));
  }

  return {
    push(pcm) {
      for (const sample of pcm) {
        const weighted = weigh(sample);
        const square = weighted * weighted;
        step += square;
        squares += square;
        if (++stepLength === stepSamples) endStep();
      }
      samples += pcm.length;
    },
    get integrated() {
      const { count, energy } = gated();
      return count === 0 ? null : toLufs(energy / count);
    },
    get blocks() {
      return gated().count;
    },
    get ungated() {
      return squares > 0 ? toLufs(squares / samples) : null;
    },
  };
}

/** Negative for what the absolute gate keeps out. */
function binOf(lufs: number): number {
  return Math.min(bins - 1, Math.floor((lufs - absoluteGate) * binsPerLu));
}

/** In LUFS, of a mean square of weighted samples. */
function toLufs(energy: number): number {
  return offsetDb + 10 * Math.log10(energy);
}
