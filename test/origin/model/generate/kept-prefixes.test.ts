import { describe, expect, onTestFinished, test } from "vitest";
import type { Precision } from "../../../../origin/model/generate/precision.ts";
import type { Tensors } from "../../../../origin/model/session.ts";
import { openGenerator } from "../../../support/generator.ts";
import { type GoldenCase, pico, presetVoiceCases } from "../../../support/golden-cases.ts";

const [preset] = presetVoiceCases(pico).filter(({ checkpoint }) => checkpoint.includes("0.6b"));
if (!preset) throw new Error("pico has a case of a preset voice");

const sampled = { temperature: 0.9, topK: 50, topP: 1, greedy: false };
const options = {
  seed: 3,
  maxFrames: 12,
  repetitionPenalty: 1.05,
  talker: sampled,
  predictor: sampled,
};
const calm = "Speak in a calm and very warm tone, slowly.";

/** Keys and values that a call gives, the last positions first, each as bytes. */
function lastPositions({ cache }: Tensors): Buffer[] {
  if (!cache) throw new Error("a call gives what it adds to the cache");
  const [tensors = 0, rows = 0, heads = 0, positions = 0] = cache.dims;
  const { buffer, byteOffset, byteLength } = cache.data as Float32Array;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const size = byteLength / (tensors * rows * heads * positions);
  const parts = Array.from({ length: tensors * rows * heads }, (_, part) => part * positions);
  return Array.from({ length: positions }, (_, back) =>
    Buffer.concat(
      parts.map((first) => {
        const at = (first + positions - 1 - back) * size;
        return bytes.subarray(at, at + size);
      }),
    ),
  );
}

async function open(checkpoint: GoldenCase, settings: Parameters<typeof openGenerator>[1]) {
  /** Of the call that reads a prompt, the last positions first. */
  let read: Buffer[] | undefined;
  const model = await openGenerator(checkpoint.checkpoint, {
    ...settings,
    onOutputs(outputs) {
      read ??= lastPositions(outputs);
    },
  });
  onTestFinished(() => model.close());
  return {
    generator: model.generator,
    async say(text: string, instruct: string | undefined, speaker = checkpoint.speaker) {
      const { instruct: _, ...plain } = { ...checkpoint, text, ...(speaker ? { speaker } : {}) };
      const prompt = await model.promptOf(instruct === undefined ? plain : { ...plain, instruct });
      const stream = model.generator.start(prompt, options);
      read = undefined;
      const codes: bigint[] = [];
      while (!stream.finish) {
        const [chunk] = await model.generator.step([stream], 4);
        codes.push(...(chunk?.codes ?? []));
      }
      return { codes: codes.map(Number), read: read ?? [] };
    },
  };
}

describe.each(["float32", "float16", "int8", "int4", "int4-all"] satisfies Precision[])(
  "in %s",
  (precision) => {
    test.each([
      { steady: false, non_streaming_mode: true },
      { steady: true, non_streaming_mode: true },
      { steady: false, non_streaming_mode: false },
    ])(
      "texts are the same to the last bit, whether or not what they begin with was read before ($steady, $non_streaming_mode)",
      async ({ steady, non_streaming_mode }) => {
        const golden = { ...preset, non_streaming_mode };
        const each = await open(golden, { precision, steady });
        const once = await open(golden, { precision, steady, prefixBytes: 10e6 });
        // Of many lengths, since kernels differ by the number of rows.
        const texts = [1, 2, 3, 5, 8, 13, 21].map((count) => "so be it ".repeat(count));
        for (const [index, text] of texts.entries()) {
          const [reused, whole] = [await once.say(text, calm), await each.say(text, calm)];
          expect(reused.codes, text).toEqual(whole.codes);
          expect(reused.read.length).toBeGreaterThan(1);
          const same = whole.read.slice(0, reused.read.length);
          // By their bytes: codes hide the last bits.
          expect(Buffer.concat(reused.read).equals(Buffer.concat(same)), text).toBe(true);
          const { reusedPositions } = once.generator;
          if (index === 0) expect(reusedPositions).toBe(0);
          else expect(reusedPositions / index).toBeGreaterThanOrEqual(16);
        }
        expect(each.generator.reusedPositions).toBe(0);
      },
    );
  },
);

test("another voice, or another manner, is read anew", async () => {
  const { generator, say } = await open(preset, { prefixBytes: 10e6 });
  await say("hello", calm);
  await say("hello", "Speak in an angry and very loud tone, quickly.");
  expect(generator.reusedPositions).toBe(0);
  await say("good day", calm);
  const reused = generator.reusedPositions;
  expect(reused).toBeGreaterThan(0);
  const [, other] = presetVoiceCases(pico).flatMap(({ speaker }) => speaker ?? []);
  expect(other).not.toBe(preset.speaker);
  const before = await say("good day", undefined);
  const { reusedPositions } = generator;
  const after = await say("good day", undefined, other);
  expect(after.codes).not.toEqual(before.codes);
  expect(generator.reusedPositions).toBe(reusedPositions);
});

test("those used longest ago make way, and what is kept counts as held", async () => {
  const manners = ["a calm", "a happy", "an angry"].map((kind) => `Speak in ${kind} tone, slowly.`);
  const { generator, say } = await open(preset, { prefixBytes: 10e6 });
  await say("hello", manners[0]);
  const one = generator.heldBytes;
  expect(one).toBeGreaterThan(0);

  const tight = await open(preset, { prefixBytes: 2.5 * one });
  const reuses = async (manner: string | undefined) => {
    const before = tight.generator.reusedPositions;
    await tight.say("hello", manner);
    return tight.generator.reusedPositions > before;
  };
  const [calmly, happily, angrily] = manners;
  expect([await reuses(calmly), await reuses(happily), await reuses(calmly)]).toEqual([
    false,
    false,
    true,
  ]);
  expect(await reuses(angrily)).toBe(false);
  expect(tight.generator.heldBytes).toBeLessThanOrEqual(2.5 * one);
  expect([await reuses(calmly), await reuses(angrily), await reuses(happily)]).toEqual([
    true,
    true,
    false,
  ]);
});
