import { createRandom } from "./random.ts";

/** A sine at `hertz`, with a phase of 0 at the first sample. */
export function tone(
  hertz: number,
  seconds: number,
  sampleRate: number,
  amplitude = 0.5,
): Float32Array {
  return sound(seconds, sampleRate, (time) => amplitude * Math.sin(2 * Math.PI * hertz * time));
}

/** Eight harmonics, as a voice on one note has them. */
export function note(hertz: number, seconds: number, sampleRate: number): Float32Array {
  return sound(seconds, sampleRate, (time) => {
    let sum = 0;
    for (let k = 1; k <= 8; k++) sum += Math.sin(2 * Math.PI * k * hertz * time) / k;
    return 0.2 * sum;
  });
}

/** A sine that climbs evenly from `fromHertz` to `toHertz`. */
export function sweep(
  fromHertz: number,
  toHertz: number,
  seconds: number,
  sampleRate: number,
): Float32Array {
  const climb = (toHertz - fromHertz) / seconds;
  return sound(
    seconds,
    sampleRate,
    (time) => 0.5 * Math.sin(2 * Math.PI * (fromHertz * time + (climb * time * time) / 2)),
  );
}

/** Vowels on a gliding pitch with pauses and hiss between them: like speech to a codec, the same for the same seed. */
export function babble(seconds: number, sampleRate: number, seed = 1): Float32Array {
  const random = createRandom(seed);
  let phase = 0;
  return sound(seconds, sampleRate, (time) => {
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3 * time));
    const hertz = 160 + 60 * Math.sin(2 * Math.PI * 0.7 * time);
    phase += (2 * Math.PI * hertz) / sampleRate;
    let vowel = 0;
    for (let k = 1; k <= 10; k++) vowel += Math.sin(k * phase) / k;
    return 0.25 * syllable * vowel + 0.02 * (1 - syllable) * (random() - 0.5);
  });
}

function sound(seconds: number, sampleRate: number, at: (time: number) => number): Float32Array {
  return new Float32Array(Math.round(seconds * sampleRate)).map((_, index) =>
    at(index / sampleRate),
  );
}
