import { describe, expect, it } from "vitest";
import { clip } from "../../../origin/audio/clip.ts";
import { createEncoder } from "../../../origin/audio/encoders.ts";
import { joinBytes } from "../../../origin/audio/join.ts";
import { createResampler } from "../../../origin/audio/resampler.ts";
import type { AudioFormat } from "../../../shared/formats.ts";
import { chunkings, cut } from "../../support/chunkings.ts";
import { digest } from "../../support/digest.ts";
import { decodeAs, encodeAll, encodeAs, traits } from "../../support/encodings.ts";
import { hasFfmpeg, withFfmpeg } from "../../support/ffmpeg.ts";
import { correlation } from "../../support/hearing.ts";
import { createRandom } from "../../support/random.ts";
import { babble, sweep } from "../../support/sounds.ts";
import { passThrough } from "../../support/stages.ts";

const sampleRate = 24_000;

it("makes the same file under the names of ogg and opus", async () => {
  const pcm = babble(1, sampleRate);
  expect(digest(await encodeAs("ogg", pcm))).toBe(digest(await encodeAs("opus", pcm)));
});

const distinctFormats = (Object.keys(traits) as AudioFormat[]).filter((name) => name !== "ogg");

describe.each(distinctFormats)("%s", (format) => {
  const { sampleRates, chunksToSound, delaySamples, tailSamples, heldBackSamples, decodedRate } =
    traits[format];

  it(`makes its first bytes of the first ${80 * chunksToSound} ms`, async () => {
    const encoder = await createEncoder(format, { sampleRate });
    const lengths = [];
    for (const chunk of cut(babble(0.08 * chunksToSound, sampleRate), 1920)) {
      lengths.push((await encoder.encode(chunk)).length);
    }
    encoder.close();
    expect(lengths.findIndex((length) => length > 100)).toBe(chunksToSound - 1);
    expect(Math.max(0, ...lengths.slice(0, -1))).toBe(0);
  });

  const second = babble(1, sampleRate);
  let inOnePiece: Promise<Uint8Array> | undefined;

  it.each(chunkings())("makes the same bytes when its input comes in %s", async (_name, size) => {
    inOnePiece ??= encodeAs(format, second, second.length);
    expect(digest(await encodeAs(format, second, size))).toBe(digest(await inOnePiece));
  });

  it("clips what is beyond full scale", async () => {
    const loud = babble(0.3, sampleRate).map((value) => 8 * value);
    expect(Math.max(...loud)).toBeGreaterThan(2);
    expect(digest(await encodeAs(format, loud))).toBe(
      digest(await encodeAs(format, loud.map(clip))),
    );
  });

  it("gives each of twenty streams at once the bytes that it has alone", async () => {
    const voices = Array.from({ length: 20 }, (_, seed) =>
      babble(0.3 + seed / 50, sampleRate, seed),
    );
    const together = await Promise.all(voices.map((pcm) => encodeAs(format, pcm)));
    expect(new Set(together.map(digest)).size).toBe(20);
    for (const seed of [0, 7, 14, 19]) {
      const alone = await encodeAs(format, babble(0.3 + seed / 50, sampleRate, seed));
      expect(digest(together[seed] ?? new Uint8Array())).toBe(digest(alone));
    }
  });

  it("leaves no trace of a stream that was given up in the next one", async () => {
    const pcm = babble(0.5, sampleRate);
    const before = digest(await encodeAs(format, pcm));
    const abandoned = await createEncoder(format, { sampleRate });
    await abandoned.encode(sweep(100, 8_000, 0.33, sampleRate));
    abandoned.close();
    abandoned.close();
    expect(digest(await encodeAs(format, pcm))).toBe(before);
  });

  describe.skipIf(!hasFfmpeg)(withFfmpeg("decoded"), () => {
    it("is as long as what went in", async () => {
      const random = createRandom(3);
      const counts = [1, 1_920, Math.floor(random() * 50_000), Math.floor(random() * 50_000)];
      await Promise.all(
        counts.map(async (count) => {
          const bytes = await encodeAs(format, babble(count / sampleRate, sampleRate));
          const { pcm, channels } = await decodeAs(format, bytes);
          const extra = pcm.length - (count * (decodedRate ?? sampleRate)) / sampleRate;
          expect(extra).toBeGreaterThanOrEqual(delaySamples);
          expect(extra).toBeLessThanOrEqual(delaySamples + tailSamples);
          expect(channels).toBe(1);
        }),
      );
    });

    it("sounds like what went in, at every rate it carries", async () => {
      await Promise.all(
        sampleRates.map(async (rate) => {
          const pcm = sweep(100, 1_000, 1, rate);
          const encoder = await createEncoder(format, { sampleRate: rate });
          const recording = await decodeAs(format, await encodeAll(encoder, pcm), rate);
          expect(recording.sampleRate).toBe(decodedRate ?? rate);
          const expected = passThrough(await createResampler(rate, recording.sampleRate), pcm);
          const heard = recording.pcm.subarray(delaySamples);
          expect(correlation(heard, expected)).toBeGreaterThan(0.99);
        }),
      );
    });

    it("can be played as far as it has come", async () => {
      const encoder = await createEncoder(format, { sampleRate });
      const parts: Uint8Array[] = [];
      for (const chunk of cut(babble(0.8, sampleRate), 1920))
        parts.push(await encoder.encode(chunk));
      encoder.close();
      const scale = (decodedRate ?? sampleRate) / sampleRate;
      await Promise.all(
        [1, 3, 10].map(async (chunkCount) => {
          const playable = chunkCount * 1920 - heldBackSamples;
          if (playable <= 0) return;
          const { pcm } = await decodeAs(format, joinBytes(parts.slice(0, chunkCount)));
          expect(pcm.length - delaySamples).toBeGreaterThanOrEqual(playable * scale);
        }),
      );
    });

    it("is a valid file with next to nothing in it when nothing went in", async () => {
      const bytes = await encodeAs(format, new Float32Array(0));
      const { pcm } = await decodeAs(format, bytes);
      expect(pcm.length).toBeLessThanOrEqual(delaySamples + tailSamples);
    });
  });
});
