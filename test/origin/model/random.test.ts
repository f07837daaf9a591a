import { describe, expect, test } from "vitest";
import { fillUniforms, philox4x32 } from "../../../origin/model/random.ts";

describe("Philox4x32-10", () => {
  // The known-answer vectors of the authors' Random123 library, file kat_vectors.
  test.each([
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      block: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
    },
    {
      counter: [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
      key: [0xffff_ffff, 0xffff_ffff],
      block: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
    },
    {
      counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
      key: [0xa409_3822, 0x299f_31d0],
      block: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    },
  ] as const)("answers the published block for counter $counter", ({ counter, key, block }) => {
    expect(philox4x32(counter, key)).toEqual(block);
  });
});

function uniforms(seed: number, frame: number, codebooks = 16): number[] {
  const target = new Float32Array(codebooks);
  fillUniforms(target, seed, frame);
  return [...target];
}

describe("the uniforms of a frame", () => {
  test("are the upper 24 bits of the block that seed, frame and codebook name", () => {
    const [w0, w1, w2] = philox4x32([1, 7, 0, 0], [0xffff_ffff, 0x1f_ffff]);

    const drawn = uniforms(Number.MAX_SAFE_INTEGER, 7, 7);

    expect(drawn.slice(4)).toEqual([w0, w1, w2].map((word) => Math.floor(word / 256) / 2 ** 24));
  });

  test("differ in every place, frame and seed, and in the seed's upper bits too", () => {
    const seeds = [0, 1, 2 ** 32, 2 ** 53 - 1];
    const all = seeds.flatMap((seed) => [0, 1, 2].flatMap((frame) => uniforms(seed, frame)));

    expect(new Set(all).size).toBe(seeds.length * 3 * 16);
  });

  test("are at least 0, less than 1 even in float32, and spread evenly", () => {
    const drawn = Array.from({ length: 10_000 }, (_, frame) => uniforms(42, frame)).flat();
    const bins = Array.from(
      { length: 16 },
      (_, bin) => drawn.filter((u) => Math.floor(Math.fround(u) * 16) === bin).length,
    );

    expect(bins.reduce((sum, count) => sum + count)).toBe(160_000);
    // 37.7 is passed by chance once in a thousand seeds at 15 degrees of freedom.
    expect(bins.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(37.7);
  });
});
