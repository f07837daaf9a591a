import type { Value } from "../onnx/graph.ts";
import { relu, softmax, tanh } from "../onnx/ops/activation.ts";
import { add, maximum, multiply, squareRoot, subtract } from "../onnx/ops/arithmetic.ts";
import { convolve } from "../onnx/ops/convolution.ts";
import { reduceMean, reduceSum } from "../onnx/ops/reduction.ts";
import { concat } from "../onnx/ops/shape.ts";
import { permute } from "../permute.ts";
import type { Weights } from "../weights.ts";
import { sameConvolution } from "./same-convolution.ts";

/** Under variances; the value of the official code. */
const varianceFloor = 1e-12;

/** x [B, C, T] to its mean and deviation over time [B, 2 · C, 1], weighed by how much each moment says. */
export function attentivePooling(x: Value, weights: Weights): Value {
  const mean = reduceMean(x, [2], { keepAxes: true });
  const context = {
    mean,
    deviation: deviation(reduceMean(squaredFrom(x, mean), [2], { keepAxes: true })),
  };
  const hidden = tanh(relu(withContext(x, context, weights.under("tdnn.conv"))));
  const attention = softmax(sameConvolution(hidden, weights.under("conv")), 2);

  const weighed = reduceSum(multiply(attention, x), [2], { keepAxes: true });
  const variance = reduceSum(multiply(attention, squaredFrom(x, weighed)), [2], { keepAxes: true });
  return concat([weighed, deviation(variance)], 1);
}

function squaredFrom(x: Value, mean: Value): Value {
  const distance = subtract(x, mean);
  return multiply(distance, distance);
}

function deviation(variance: Value): Value {
  return squareRoot(maximum(variance, varianceFloor));
}

/**
 * The product of the weights and x, its mean and its deviation, one below the other. The latter two are the same at every
 * moment, so they are multiplied once and not written out over time.
 */
function withContext(
  x: Value,
  { mean, deviation: spread }: { mean: Value; deviation: Value },
  weights: Weights,
): Value {
  const [outputs = 1, inputs = 1] = weights.shape("weight");
  const channels = inputs / 3;
  const part = (index: number) =>
    weights.derived(`weight.${index}`, [outputs, channels, 1, 1], (read) => {
      const byPart = permute(read("weight"), [outputs, 3, channels], [1, 0, 2]);
      return byPart.slice(index * outputs * channels, (index + 1) * outputs * channels);
    });
  const once = add(
    convolve(mean, part(1), weights.tensor("bias")),
    convolve(spread, part(2), null),
  );
  return add(convolve(x, part(0), null), once);
}
