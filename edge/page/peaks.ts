/** How loud a sound is over its time, for a drawing: the largest sample of each fiftieth of a second, 0 to 1. */
export interface Peaks {
  values: Float32Array;
  seconds: number;
}

export const noPeaks: Peaks = { values: new Float32Array(), seconds: 0 };

const perSecond = 50;

export function peaksOf(samples: Float32Array, sampleRate: number): Peaks {
  const step = sampleRate / perSecond;
  const values = new Float32Array(Math.ceil(samples.length / step));
  for (let i = 0; i < values.length; i++) {
    const end = Math.min(samples.length, Math.floor((i + 1) * step));
    let largest = 0;
    for (let at = Math.floor(i * step); at < end; at++) {
      largest = Math.max(largest, Math.abs(samples[at] ?? 0));
    }
    values[i] = largest;
  }
  return { values, seconds: samples.length / sampleRate };
}

/** Any rate will do for a drawing. */
const decodingRate = 8000;

/** Decodes a file, or the beginning of one, for its peaks; undefined where nothing can be decoded yet. */
export async function decodePeaks(file: Blob): Promise<Peaks | undefined> {
  const context = new OfflineAudioContext(1, 1, decodingRate);
  try {
    const sound = await context.decodeAudioData(await file.arrayBuffer());
    return peaksOf(sound.getChannelData(0), sound.sampleRate);
  } catch {
    return undefined;
  }
}
