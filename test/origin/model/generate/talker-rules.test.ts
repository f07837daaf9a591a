import { expect, test } from "vitest";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import { createTalkerRules } from "../../../../origin/model/generate/talker-rules.ts";
import { unsqueeze } from "../../../../origin/model/onnx/ops/shape.ts";
import { pico } from "../../../support/golden-cases.ts";
import { evaluate, floats, longs } from "../built-model.ts";

const checkpoint = openCheckpoint(`${pico.directory}/checkpoints/pico-0.6b-custom-voice`);
checkpoint.close();
const config = checkpoint.config.talker_config;
const vocabulary = 1088;
const end = 166;

/** The logits after the rules; `said` are the row's earlier tokens, taken in one by one. */
async function rule(logits: Record<number, number>, said: number[], penalty: number) {
  const { ruled } = await evaluate(
    (model) => {
      const perRow = (name: string) => unsqueeze(model.input(name, "float32", [1]), [1]);
      const rules = createTalkerRules(model, config, perRow("penalty"));
      let seen = model.initializer("nothing", "bool", [1, vocabulary], () => new Uint8Array(1088));
      said.forEach((token) => {
        seen = rules.remember(seen, model.constant("int64", [token], [1, 1]));
      });
      const raw = model.input("logits", "float32", [1, vocabulary]);
      const frame = unsqueeze(model.input("frame", "int64", [1]), [1]);
      model.output("ruled", rules.apply(raw, seen, frame), [1, vocabulary]);
    },
    {
      penalty: floats([penalty], [1]),
      logits: floats(
        Array.from({ length: vocabulary }, (_, id) => logits[id] ?? 0.5),
        [1, vocabulary],
      ),
      frame: longs([said.length], [1]),
    },
  );
  return ruled ?? [];
}

test("the penalty divides what speaks for a token and multiplies what speaks against it", async () => {
  const ruled = await rule({ 3: 4, 5: -4, 7: 0, 9: 4 }, [3, 5, 7], 2);

  expect([ruled[3], ruled[5], ruled[7], ruled[9]]).toEqual([2, -8, 0, 4]);
});

test("a token said many times is penalised once", async () => {
  const ruled = await rule({ 3: 4 }, [3, 3, 3, 5], 2);

  expect(ruled[3]).toBe(2);
});

test.each([
  [0, Number.NEGATIVE_INFINITY],
  [1, Number.NEGATIVE_INFINITY],
  [2, 6],
  [3, 6],
])("after %i tokens the end of speech has the logit %f", async (count, logit) => {
  const ruled = await rule({ [end]: 6 }, Array(count).fill(1), 1);

  expect(ruled[end]).toBe(logit);
});

test("of the last 1024 ids only the end of speech may be said", async () => {
  const ruled = await rule({}, [1, 1], 1);

  const allowed = ruled.flatMap((logit, id) => (logit === 0.5 ? [id] : []));
  const barred = ruled.filter((logit) => logit === Number.NEGATIVE_INFINITY);
  expect(allowed).toEqual([...Array.from({ length: 64 }, (_, id) => id), end]);
  expect(barred).toHaveLength(1023);
});
