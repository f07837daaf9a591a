import { describe, expect, it } from "vitest";
import { createPcmEncoder } from "../../../origin/audio/pcm.ts";
import { encodeAll } from "../../support/encodings.ts";
import { createRandom } from "../../support/random.ts";

async function samplesOf(pcm: number[]): Promise<number[]> {
  const bytes = Buffer.from(await encodeAll(createPcmEncoder(), Float32Array.from(pcm)));
  return pcm.map((_, index) => bytes.readInt16LE(2 * index));
}

describe("pcm", () => {
  it.each([
    [0, 0],
    [0.5, 16_384],
    [-0.5, -16_384],
    [0.4 / 32_768, 0],
    [0.6 / 32_768, 1],
    [-0.6 / 32_768, -1],
    [32_766.6 / 32_768, 32_767],
    [1, 32_767],
    [-1, -32_768],
    [1.0001, 32_767],
    [-1.0001, -32_768],
    [1e9, 32_767],
    [Number.NEGATIVE_INFINITY, -32_768],
  ])("writes %d as %d", async (value, sample) => {
    expect(await samplesOf([value])).toEqual([sample]);
  });

  it("gives 16-bit samples back unchanged", async () => {
    const random = createRandom(1);
    const samples = Array.from({ length: 5_000 }, () => Math.floor(random() * 65_536) - 32_768);
    expect(await samplesOf(samples.map((sample) => sample / 32_768))).toEqual(samples);
  });

  it("makes nothing of nothing", async () => {
    expect(await encodeAll(createPcmEncoder(), new Float32Array(0))).toHaveLength(0);
  });
});
