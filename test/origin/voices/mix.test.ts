import { expect, it } from "vitest";
import { mixVectors } from "../../../origin/voices/mix.ts";

const vectors = [Float32Array.of(1, 0, -4), Float32Array.of(0, 2, 2)] as const;

it("is the weighted mean, by the proportions of the weights alone", () => {
  const mean = Float32Array.of(0.75, 0.5, -2.5);

  for (const scale of [1, 0.25, 100]) {
    expect(
      mixVectors([
        { vector: vectors[0], weight: 3 * scale },
        { vector: vectors[1], weight: scale },
      ]),
    ).toEqual(mean);
  }
});

it("is the vector itself where there is one", () => {
  expect(mixVectors([{ vector: vectors[0], weight: 0.1 }])).toEqual(vectors[0]);
});

it.each([
  [[], "a mixture needs at least one voice"],
  [[{ vector: vectors[0], weight: 0 }], "a weight must be a number above 0; it is 0"],
  [[{ vector: vectors[0], weight: Number.NaN }], "a weight must be a number above 0; it is NaN"],
  [
    [
      { vector: vectors[0], weight: 1 },
      { vector: Float32Array.of(1), weight: 1 },
    ],
    "vectors of 3 and 1 numbers do not mix",
  ],
])("%j is no mixture", (parts, message) => {
  expect(() => mixVectors(parts)).toThrow(new RangeError(message));
});
