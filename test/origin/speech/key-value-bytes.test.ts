import { expect, it } from "vitest";
import { longestSeconds } from "../../../origin/engine/qwen3/duration-bounds.ts";
import { keyValueBytes } from "../../../origin/speech/key-value-bytes.ts";
import type { Script } from "../../../origin/speech/plan.ts";
import { cutSegments } from "../../../origin/speech/segments.ts";

const keyValues = { bytesPerPosition: 10, framesPerSecond: 12.5, maxPositions: 4096 };
const segmentLimits = { first: 120, others: 240 };
const engine = { keyValues, segmentLimits };

function scriptOf(text: string, instructions: string | null = null): Script {
  return {
    model: "qwen3-tts-12hz-1.7b-custom-voice",
    text,
    speaker: "Ryan",
    language: "english",
    instructions,
    sampling: {},
  };
}

it("counts for a short text its prompt and the frames it may take", () => {
  const script = scriptOf("Hello, world!");
  // 5.5 seconds at most: 69 frames. 13 bytes of text and 32 positions around it.
  expect(keyValueBytes(engine, { script, segmentation: "auto" })).toBe((32 + 13 + 69) * 10);
});

it("counts the instructions in bytes, of which no token is a part", () => {
  const script = scriptOf("Hello, world!", "¡Así!");
  expect(keyValueBytes(engine, { script, segmentation: "auto" })).toBe((32 + 7 + 13 + 69) * 10);
});

it("counts the two segments of a long text that are the most together, whatever else follows", () => {
  const text = "One short sentence. ".repeat(40);
  const segments = cutSegments(text, "english", segmentLimits);
  const positions = segments.map(
    ({ text }) => 32 + text.length + Math.ceil(longestSeconds(text) * 12.5),
  );
  expect(segments.length).toBeGreaterThan(3);
  const [, second = 0, third = 0] = positions;
  const script = scriptOf(text);
  expect(keyValueBytes(engine, { script, segmentation: "auto" })).toBe((second + third) * 10);
});

it("counts no more than a context holds for a text that is not cut, and nothing where nothing is kept", () => {
  const script = scriptOf("word ".repeat(800));
  expect(keyValueBytes(engine, { script, segmentation: "off" })).toBe(4096 * 10);
  expect(keyValueBytes({ ...engine, keyValues: null }, { script, segmentation: "off" })).toBe(0);
});
