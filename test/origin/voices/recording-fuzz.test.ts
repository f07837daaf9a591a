import { beforeAll, describe, expect, it } from "vitest";
import { readRecording } from "../../../origin/voices/recording/read-recording.ts";
import { hasFfmpeg, withFfmpeg } from "../../support/ffmpeg.ts";
import { createRandom } from "../../support/random.ts";
import { encodeFile, speakAt48k, toFloatWav } from "../../support/spoken-recordings.ts";

const files: readonly [name: string, options: readonly string[]][] = [
  ["x.wav", ["-c:a", "pcm_s16le", "-ar", "16000"]],
  ["x.mp3", ["-c:a", "libmp3lame", "-b:a", "64k"]],
  ["x.flac", ["-c:a", "flac", "-ar", "16000"]],
  ["x.opus", ["-c:a", "libopus", "-b:a", "32k"]],
  ["x.ogg", ["-c:a", "libvorbis"]],
  ["x.aac", ["-c:a", "aac"]],
  ["x.m4a", ["-c:a", "aac"]],
  ["x.webm", ["-c:a", "libopus", "-b:a", "32k"]],
  ["vorbis.webm", ["-c:a", "libvorbis"]],
];

/** `FUZZ_RUNS=200` goes on to files that decoders never end with, which takes the whole time limit each. */
const damages = Number(process.env.FUZZ_RUNS ?? 16);

/** Cut anywhere, or with bits turned over: mostly in the headers, which decide the most. */
function damage(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  if (random() < 0.3) return bytes.slice(0, below(random() < 0.5 ? 600 : bytes.length));
  const damaged = bytes.slice();
  const reach = random() < 0.6 ? Math.min(600, bytes.length) : bytes.length;
  for (let flips = 1 + below(12); flips > 0; flips--) {
    const at = below(reach);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << below(8));
  }
  return damaged;
}

describe.skipIf(!hasFfmpeg)(withFfmpeg("a damaged recording"), () => {
  let wav: Uint8Array;

  beforeAll(async () => {
    wav = toFloatWav([(await speakAt48k()).subarray(0, 2 * 48_000)], 48_000);
  });

  it.each(files)("in %s is read or refused, soon", async (name, options) => {
    const whole = await encodeFile(wav, name, options);
    const random = createRandom(7);
    for (let run = 0; run < damages; run++) {
      const before = performance.now();
      const { signal } = new AbortController();
      const answer = await readRecording(damage(whole, random), { signal }).catch((error) => error);
      const told = `run ${run}: ${answer.stack}`;
      expect(performance.now() - before, told).toBeLessThan(40_000);
      if (answer instanceof Error)
        expect(answer, told).toMatchObject({ status: 400, param: "audio_sample" });
      else expect(answer.samples.every((sample: number) => Number.isFinite(sample))).toBe(true);
    }
  });
});
