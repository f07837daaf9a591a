import { afterAll, beforeAll, expect, it } from "vitest";
import { computeOnce, warmUp } from "../../../../origin/engine/qwen3/warm-up.ts";
import { type LoadedPack, openPack } from "../../../../origin/model/pack/open-pack.ts";
import { type TemporaryModels, temporaryModels } from "../../../support/packs.ts";

let models: TemporaryModels;
let pack: LoadedPack;
let decoded: number[];
let steps: [rows: number, frames: number][];

beforeAll(async () => {
  models = temporaryModels();
  pack = await openPack(await models.build("0.6b-custom-voice"), { threads: 1 });
});

afterAll(async () => {
  await pack.close();
  models.remove();
});

/** The pack, with a note of what is computed. */
function watched(device: LoadedPack["device"]): LoadedPack {
  decoded = [];
  steps = [];
  return {
    ...pack,
    device,
    generator: {
      ...pack.generator,
      step(streams, frames) {
        steps.push([streams.length, frames]);
        return pack.generator.step(streams, frames);
      },
    },
    openCodec() {
      const stream = pack.openCodec();
      return {
        ...stream,
        push(codes) {
          decoded.push(codes.length / pack.manifest.shapes.codebooks);
          return stream.push(codes);
        },
      };
    },
  };
}

it("decodes chunks of every length, and makes frames of prompts, of one row and of two", async () => {
  await computeOnce(watched("cpu"), 8);
  expect(decoded).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(steps.slice(0, 2)).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(steps.slice(2)).toContainEqual([2, 8]);
  expect(pack.generator.heldBytes).toBe(0);
});

it("computes as long as the device's steps may be, and nothing on a CPU", async () => {
  await warmUp(watched("webgpu"));
  expect(decoded).toEqual([1, 2, 3, 4]);
  await warmUp(watched("cpu"));
  expect([decoded, steps]).toEqual([[], []]);
});
