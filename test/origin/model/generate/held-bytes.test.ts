import { afterAll, beforeAll, expect, test } from "vitest";
import type { Generator, Stream } from "../../../../origin/model/generate/generator.ts";
import { generatorKindOf } from "../../../../origin/model/generate/generator-kind.ts";
import { keyValueBytes } from "../../../../origin/model/generate/key-value-bytes.ts";
import { openGenerator } from "../../../support/generator.ts";
import { picoCheckpoint } from "../../../support/packs.ts";
import { createRandom } from "../../../support/random.ts";

const maxRows = 6;
/** For how many calls room is kept that the last ones did not need. */
const patience = 16;

let loop: Awaited<ReturnType<typeof openGenerator>>;
let frame: Awaited<ReturnType<typeof openGenerator>>;
let width = 0;
beforeAll(async () => {
  const checkpoint = picoCheckpoint("0.6b-custom-voice");
  loop = await openGenerator(checkpoint);
  frame = await openGenerator(checkpoint, { kind: generatorKindOf("webgpu") });
  width = loop.pad.length;
});
afterAll(async () => {
  await loop.close();
  await frame.close();
});

interface Begun {
  stream: Stream;
  positions: number;
}

/** Begins a stream with a prompt of so many random vectors and reads it. */
async function begin(generator: Generator, positions: number): Promise<Begun> {
  const random = createRandom(positions);
  const embeddings = Float32Array.from({ length: positions * width }, () => random() - 0.5);
  const decoder = { temperature: 1, topK: 50, topP: 1, greedy: false };
  const stream = generator.start(
    { embeddings, fixedPositions: 0, trailing: new Float32Array(0) },
    { seed: positions, maxFrames: 300, repetitionPenalty: 1, talker: decoder, predictor: decoder },
  );
  await generator.step([stream], 1);
  return { stream, positions };
}

/** Steps those together that have not ended. */
async function step(generator: Generator, begun: readonly Begun[], frames: number) {
  const running = begun.filter(({ stream }) => !stream.finish);
  await generator.step(
    running.map(({ stream }) => stream),
    frames,
  );
  for (const some of running) some.positions += frames;
}

/** What is counted for streams that are as long as these are now, but for the insides of a call. */
function counted(generator: Generator, begun: readonly Begun[]): number {
  const sizes = { ...generator.keyValues, maxRows, copiesInCall: 1 };
  return keyValueBytes(
    sizes,
    begun.map(({ positions }) => positions),
  );
}

test.each([1, 2, 3])("what is counted is what is held, whatever the company (%i)", async (seed) => {
  const { generator } = loop;
  const random = createRandom(seed);
  let begun: Begun[] = [];
  const lately: number[] = [];
  let closest = 0;
  for (let turn = 0; turn < 120; turn++) {
    if (begun.length < 10 && random() < 0.4) {
      const longest = random() < 0.1 ? 900 : 150;
      begun.push(await begin(generator, 20 + Math.floor(random() * longest)));
    }
    const leaves = random() < 0.3 ? begun[Math.floor(random() * begun.length)] : undefined;
    if (leaves) generator.release(leaves.stream);
    begun = begun.filter((some) => some !== leaves && !some.stream.finish);
    const chosen = begun.filter(() => random() < 0.8).slice(0, maxRows);
    if (chosen.length === 0) continue;
    await step(generator, chosen, 1 + Math.floor(random() * 8));

    const living = begun.filter(({ stream }) => !stream.finish);
    lately.push(counted(generator, begun));
    expect(generator.heldBytes).toBeLessThanOrEqual(1.2 * Math.max(...lately.slice(-patience)));
    if (living.length === chosen.length) {
      closest = Math.max(closest, generator.heldBytes / counted(generator, living));
    }
  }
  expect(closest).toBeGreaterThan(0.8);
  for (const { stream } of begun) generator.release(stream);
  expect(generator.heldBytes).toBe(0);
});

test("a long stream takes no more than its own, and leaves nothing behind", async () => {
  const { generator } = loop;
  const begun: Begun[] = [];
  for (const positions of [40, 41, 42, 43, 44]) begun.push(await begin(generator, positions));
  await step(generator, begun, 8);
  const before = generator.heldBytes;
  const long = await begin(generator, 1500);
  for (let turn = 0; turn < 3; turn++) await step(generator, [...begun, long], 1);

  const own = 1500 * generator.keyValues.bytesPerPosition;
  expect(generator.heldBytes - before).toBeLessThan(2.5 * own);

  generator.release(long.stream);
  for (let turn = 0; turn < patience; turn++) await step(generator, begun, 1);
  expect(generator.heldBytes).toBeLessThanOrEqual(1.2 * counted(generator, begun));
  for (const { stream } of begun) generator.release(stream);
  expect(generator.heldBytes).toBe(0);
});

test("on a device without loops, streams hold what they have, and nothing when they are gone", async () => {
  const { generator } = frame;
  const begun = [await begin(generator, 50), await begin(generator, 12)];
  await step(generator, begun, 3);

  expect(generator.heldBytes).toBe((53 + 15) * generator.keyValues.bytesPerPosition);
  for (const { stream } of begun) generator.release(stream);
  expect(generator.heldBytes).toBe(0);
});
