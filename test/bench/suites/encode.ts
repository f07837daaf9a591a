import { createEncoder } from "../../../origin/audio/encoders.ts";
import { type AudioFormat, formatNames } from "../../../shared/formats.ts";
import { createRandom } from "../../support/random.ts";
import type { Row } from "../measure/suite.ts";

const sampleRate = 24_000;
const frameSamples = 1920;
const frameMs = 80;
const frames = 250;

/** What each format takes for 20 s of sound in chunks of 80 ms. Its first audio is the sound it waits for, and the time it takes. */
export async function measureEncoders(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const format of formatNames) {
    // Whatever is done first takes its time.
    await encode(format);
    rows.push(await encode(format));
  }
  return rows;
}

async function encode(format: AudioFormat): Promise<Row> {
  const rate = format === "mulaw" || format === "alaw" ? 8000 : sampleRate;
  const chunk = syllables((frameSamples * rate) / sampleRate, rate);
  const encoder = await createEncoder(format, { sampleRate: rate });
  const begun = performance.now();
  let firstAudioMs: number | null = null;
  for (let frame = 1; frame <= frames; frame++) {
    const bytes = await encoder.encode(chunk);
    if (bytes.length > 0) firstAudioMs ??= frame * frameMs + performance.now() - begun;
  }
  const beforeEnd = performance.now();
  await encoder.finish();
  const ended = performance.now();
  return {
    name: format,
    precision: null,
    rtf: (ended - begun) / (frames * frameMs),
    ratio: null,
    firstAudioMs,
    msPerFrame: { encode: (beforeEnd - begun) / frames, end: ended - beforeEnd },
  };
}

/** Noise that rises and falls four times a second: something to do for every encoder. */
function syllables(samples: number, rate: number): Float32Array {
  const random = createRandom(1);
  return Float32Array.from(
    { length: samples },
    (_, at) => 0.2 * (random() - 0.5) * Math.sin((Math.PI * 4 * at) / rate) ** 2,
  );
}
