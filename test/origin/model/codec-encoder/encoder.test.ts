import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import { encodeCodes } from "../../../../origin/model/codec-encoder/encode-codes.ts";
import { buildCodecEncoder } from "../../../../origin/model/codec-encoder/encoder-graph.ts";
import { clonedVoice, nano, pico } from "../../../support/golden-cases.ts";
import { failureOf } from "../../../support/listening.ts";
import { createRandom } from "../../../support/random.ts";
import { load } from "../built-model.ts";

const samplesPerFrame = 1920;
const patient = new AbortController().signal;

function openEncoder(checkpointFolder: string) {
  const { codecTensors, codec, close } = openCheckpoint(checkpointFolder);
  return load((model) => buildCodecEncoder(model, codecTensors, codec)).finally(close);
}

describe.each([pico, nano])("the codec's encoder of $name", (set) => {
  if (!set.present) return test.skip("its checkpoints are not on this machine", () => {});

  test.each([1, 5, 12, 100])("makes the official codes in calls of %i frames", async (frames) => {
    const session = await openEncoder(`${set.directory}/checkpoints/${set.name}-0.6b-base`);
    const { recording, codes } = clonedVoice(set);

    const encoded = await encodeCodes(session, recording, {
      samplesPerFrame,
      signal: patient,
      framesPerCall: frames,
    });

    expect(encoded).toEqual(codes);
  });
});

describe("a recording", () => {
  const noise = Float32Array.from({ length: 30 * samplesPerFrame }, noiseOf(7));

  test.each([
    [1, 1],
    [959, 1],
    [1920, 1],
    [1921, 2],
    [2 * 1920 - 1, 2],
    [29 * 1920 + 961, 30],
  ])("of %i samples has %i frames, the same in one call and in many", async (length, frames) => {
    const session = await openEncoder(`${pico.directory}/checkpoints/pico-0.6b-base`);
    const samples = noise.slice(0, length);
    const encode = (framesPerCall: number) =>
      encodeCodes(session, samples, { samplesPerFrame, signal: patient, framesPerCall });

    const whole = await encode(100);

    expect(whole).toHaveLength(16 * frames);
    expect(await encode(3)).toEqual(whole);
  });

  test("is no longer encoded once nobody waits for it", async () => {
    const session = await openEncoder(`${pico.directory}/checkpoints/pico-0.6b-base`);
    let calls = 0;
    const counted: typeof session = {
      ...session,
      run(inputs) {
        calls++;
        return session.run(inputs);
      },
    };
    const leaving = new AbortController();
    const left = encodeCodes(counted, noise, { samplesPerFrame, signal: leaving.signal });

    leaving.abort(new Error("left"));

    expect(await failureOf(left)).toEqual(new Error("left"));
    expect(calls).toBe(1);
  });
});

function noiseOf(seed: number): () => number {
  const random = createRandom(seed);
  return () => random() - 0.5;
}
