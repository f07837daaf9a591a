import { expect, it } from "vitest";
import { longestSeconds, slowestPace } from "../../../origin/engine/qwen3/duration-bounds.ts";
import { keyValuePositions, scriptPositions } from "../../../origin/speech/key-value-positions.ts";
import { unchanged } from "../../../origin/text/mapped-text.ts";
import { plainPassage } from "../../../origin/text/passage.ts";
import { cutSegments } from "../../../origin/text/segments.ts";

const keyValues = {
  bytesPerPosition: 10,
  pagePositions: 32,
  roomStep: 64,
  maxPadding: 2,
  maxRows: 16,
  rowMultiple: 1,
  copiesInCall: 3,
  framesPerSecond: 12.5,
  maxPositions: 4096,
  slowestPace,
};
const segmentLimits = { first: 120, others: 240 };
const engine = { keyValues, segmentLimits };

function planOf(
  text: string,
  options: { instructions?: string; segmentation?: "auto" | "off" } = {},
) {
  const { instructions = null, segmentation = "auto" } = options;
  const manner = { speaker: "Ryan", blend: null, language: "english", instructions } as const;
  return {
    model: "qwen3-tts-12hz-1.7b-custom-voice",
    voices: new Map(),
    sampling: {},
    passages: [plainPassage(unchanged(text), manner)],
    segmentation,
  } as const;
}

it("counts for a short text its prompt and the frames it may take", () => {
  // 5.5 seconds at most: 69 frames. 13 bytes of text and 32 positions around it.
  expect(keyValuePositions(engine, planOf("Hello, world!"))).toEqual([32 + 13 + 69]);
});

it("counts the instructions in bytes, of which no token is a part", () => {
  const plan = planOf("Hello, world!", { instructions: "¡Así!" });
  expect(keyValuePositions(engine, plan)).toEqual([32 + 7 + 13 + 69]);
});

it("counts the two segments of a long text that are the most together, whatever else follows", () => {
  const text = "One short sentence. ".repeat(40);
  const segments = cutSegments(text, "english", segmentLimits);
  const positions = segments.map(
    ({ text }) => 32 + text.length + Math.ceil(longestSeconds(text) * 12.5),
  );
  expect(segments.length).toBeGreaterThan(3);
  const [, second = 0, third = 0] = positions;
  expect(keyValuePositions(engine, planOf(text))).toEqual([second, third]);
});

it("counts no more than a context holds for a text that is not cut, and nothing where nothing is kept", () => {
  const plan = planOf("word ".repeat(800), { segmentation: "off" });
  expect(keyValuePositions(engine, plan)).toEqual([4096]);
  expect(keyValuePositions({ ...engine, keyValues: null }, plan)).toEqual([]);
});

it("counts the frames of a cloned voice's recording, which stand in the prompt", () => {
  const codes = new Uint16Array(16 * 750);
  const reference = { codes, frames: 750, text: "A minute of it." };
  const voice = { digest: "0".repeat(64), xVector: new Float32Array(), reference };
  const script = { text: "Hello, world!", instructions: null, voice };

  expect(scriptPositions(keyValues, script)).toBe(32 + 750 + 13 + 69);
  const withoutIt = { ...script, voice: { ...voice, reference: null } };
  expect(scriptPositions(keyValues, withoutIt)).toBe(32 + 13 + 69);
});
