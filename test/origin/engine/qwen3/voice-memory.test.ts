import { Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import { createVoiceMemory } from "../../../../origin/engine/qwen3/voice-memory.ts";
import { readTokenizer } from "../../../../origin/model/tokenizer.ts";
import { failureOf } from "../../../support/listening.ts";
import { picoCheckpoint } from "../../../support/packs.ts";

const tokenizer = await readTokenizer(picoCheckpoint("0.6b-base"));
const vector = () => new Float32Array(25);
const reference = (text: string) => ({ codes: Uint16Array.of(1, 2), frames: 1, text });

/** Each voice takes 1000 bytes: two vectors, and a state of 800. */
function memoryOf(limitBytes: number) {
  const prepared: number[] = [];
  let failing = false;
  let asked = 0;
  let kept = 0;
  const memory = createVoiceMemory(
    {
      tokenizer,
      embedder: {
        pad: vector(),
        embed: () => Promise.reject(new Error("nothing is said here")),
        embedReference: async (text) => {
          if (failing) throw new Error("no memory");
          prepared.push(text[0] ?? 0);
          return { text: [vector()], frames: [vector()] };
        },
      },
      codecAfter: async () => ({ state: new Tensor("float32", new Float32Array(200), [200]) }),
    },
    {
      limitBytes,
      report(work) {
        kept += work.keptReferences ?? 0;
        asked += (work.keptReferences ?? 0) + (work.preparedReferences ?? 0);
      },
    },
  );
  return {
    memory,
    told: () => ({ asked, kept }),
    names: () => String.fromCharCode(...prepared),
    fail(now: boolean) {
      failing = now;
    },
  };
}

it("prepares a reference once, also for those who come meanwhile", async () => {
  const { memory, names } = memoryOf(10_000);

  const all = await Promise.all([1, 2, 3].map(() => memory.prepare("a", reference("a"))));

  expect(new Set(all).size).toBe(1);
  expect(await memory.prepare("a", reference("a"))).toBe(all[0]);
  expect(names()).toBe("a");
  expect(memory.heldBytes).toBe(1000);
});

it("forgets those that were not used for longest", async () => {
  const { memory, names, told } = memoryOf(2500);

  for (const name of ["a", "b", "a", "c", "a", "b"]) await memory.prepare(name, reference(name));

  expect(names()).toBe("abcb");
  expect(memory.heldBytes).toBe(2000);
  expect(told()).toEqual({ asked: 6, kept: 2 });
});

it("keeps one that is larger than there is room", async () => {
  const { memory, names } = memoryOf(10);

  for (const name of ["a", "a", "b", "b"]) await memory.prepare(name, reference(name));

  expect(names()).toBe("ab");
});

it("tries one again that could not be prepared", async () => {
  const { memory, names, fail } = memoryOf(10_000);

  fail(true);
  expect(await failureOf(memory.prepare("a", reference("a")))).toEqual(new Error("no memory"));
  fail(false);
  await memory.prepare("a", reference("a"));

  expect(names()).toBe("a");
});
