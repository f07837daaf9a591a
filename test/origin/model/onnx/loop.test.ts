import { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { add, cast, less, multiply } from "../../../../origin/model/onnx/ops/arithmetic.ts";
import { either } from "../../../../origin/model/onnx/ops/condition.ts";
import { loop } from "../../../../origin/model/onnx/ops/loop.ts";
import { reduceSum } from "../../../../origin/model/onnx/ops/reduction.ts";
import { concat, squeeze } from "../../../../origin/model/onnx/ops/shape.ts";
import { evaluate, floats, longs } from "../built-model.ts";

test("a loop carries named state, uses values around it and stacks what it collects", async () => {
  const { total, powers } = await evaluate(
    (model) => {
      const limit = squeeze(model.input("limit", "int64", [1]), [0]);
      const base = model.input("base", "float32", [1]);
      const initial = {
        power: model.constant("float32", [1]),
        sums: [model.constant("float32", [0])],
      };
      const { carried, collected } = loop({ limit, carried: initial }, ({ power, sums }) => {
        const next = multiply(power, base);
        return {
          carried: { power: next, sums: sums.map((sum) => add(sum, next)) },
          collected: { next },
        };
      });
      model.output("total", concat(carried.sums, 0), [1]);
      model.output("powers", collected.next, ["n", 1]);
    },
    { limit: longs([4], [1]), base: floats([3], [1]) },
  );

  expect(total).toEqual([3 + 9 + 27 + 81]);
  expect(powers).toEqual([3, 9, 27, 81]);
});

test("a loop ends early when its condition fails, and carried tensors may grow", async () => {
  const { grown } = await evaluate(
    (model) => {
      const x = model.input("x", "float32", [1]);
      const { carried } = loop({ limit: model.constant("int64", 100), carried: { x } }, (state) => {
        const grown = concat([state.x, add(x, 0)], 0);
        return { carried: { x: grown }, collected: {}, goOn: less(reduceSum(grown, [0]), 5) };
      });
      model.output("grown", carried.x, ["n"]);
    },
    { x: floats([1], [1]) },
  );

  expect(grown).toEqual([1, 1, 1, 1, 1]);
});

test("a loop may hand an input through unchanged and swap two of them", async () => {
  const { a, b } = await evaluate(
    (model) => {
      const initial = { a: model.input("x", "float32", [1]), b: model.input("y", "float32", [1]) };
      const { carried } = loop(
        { limit: model.constant("int64", 3), carried: initial },
        (state) => ({
          carried: { a: state.b, b: state.a },
          collected: {},
        }),
      );
      model.output("a", carried.a, [1]);
      model.output("b", carried.b, [1]);
    },
    { x: floats([1], [1]), y: floats([2], [1]) },
  );

  expect([a, b]).toEqual([[2], [1]]);
});

test("a value of a loop's body cannot be used outside of it", async () => {
  const building = evaluate((model) => {
    const x = model.input("x", "float32", []);
    let leaked = x;
    loop({ limit: model.constant("int64", 1), carried: { x } }, (state) => {
      leaked = add(state.x, 1);
      return { carried: { x: leaked }, collected: {} };
    });
    multiply(leaked, 2);
  }, {});

  await expect(building).rejects.toThrow(
    "Mul: its input loop/Add.out belongs to a graph not visible",
  );
});

test.each([
  [true, [2, 6, 14]],
  [false, [1, 1, 1]],
])(
  "a body computes one of two branches, of its own values and those around it (%s)",
  async (doubles, expected) => {
    const { passed } = await evaluate(
      (model) => {
        const condition = model.input("condition", "bool", []);
        const one = model.input("one", "float32", [1]);
        const { collected } = loop(
          { limit: model.constant("int64", 3), carried: { x: one } },
          ({ x }) => {
            const twice = multiply(x, 2);
            const next = either(
              condition,
              () => add(twice, one),
              () => x,
            );
            const shown = either(
              condition,
              () => twice,
              () => one,
            );
            return { carried: { x: next }, collected: { shown } };
          },
        );
        model.output("passed", collected.shown, ["n", 1]);
      },
      { condition: new Tensor("bool", Uint8Array.of(Number(doubles)), []), one: floats([1], [1]) },
    );

    expect(passed).toEqual(expected);
  },
);

test("branches of different types are refused", async () => {
  const build = evaluate((model) => {
    const x = model.input("x", "float32", [1]);
    const chosen = either(
      model.constant("bool", 1),
      () => x,
      () => cast(x, "int64"),
    );
    model.output("y", chosen, [1]);
  }, {});

  await expect(build).rejects.toThrow("either: the branches are of float32 and int64");
});
