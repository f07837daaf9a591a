import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import type { Session } from "../../../../origin/model/session.ts";
import {
  buildSpeakerEncoder,
  shortestSamples,
} from "../../../../origin/model/speaker-encoder/encoder-graph.ts";
import { clonedVoice, nano, pico } from "../../../support/golden-cases.ts";
import { relativeError } from "../../../support/relative-error.ts";
import { load } from "../built-model.ts";

async function openEncoder(checkpointFolder: string) {
  const { tensors, config, close } = openCheckpoint(checkpointFolder);
  const { speaker_encoder_config: encoder } = config;
  if (!encoder) throw new Error("the checkpoint has no speaker encoder");
  const session = await load((model) => buildSpeakerEncoder(model, tensors, encoder));
  close();
  return { session, shortest: shortestSamples(encoder) };
}

async function hear(session: Session, samples: Float32Array): Promise<Float32Array> {
  const { xVector } = await session.run({
    samples: new Tensor("float32", samples, [1, samples.length]),
  });
  return xVector?.data as Float32Array;
}

describe.each([pico, nano])("the speaker encoder of $name", (set) => {
  if (!set.present) return test.skip("its checkpoints are not on this machine", () => {});

  test("makes the official vector of a recording", async () => {
    const { session } = await openEncoder(`${set.directory}/checkpoints/${set.name}-0.6b-base`);
    const { recording, xVector } = clonedVoice(set);

    expect(relativeError(await hear(session, recording), xVector)).toBeLessThan(3e-6);
  });
});

test("the shortest recording has a vector, and a shorter one none", async () => {
  const { session, shortest } = await openEncoder(`${pico.directory}/checkpoints/pico-0.6b-base`);
  const { recording } = clonedVoice(pico);

  const vector = await hear(session, recording.slice(0, shortest));

  expect(vector.every(Number.isFinite)).toBe(true);
  await expect(hear(session, recording.slice(0, shortest - 1))).rejects.toThrow();
});
