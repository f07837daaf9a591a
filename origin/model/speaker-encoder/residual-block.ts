import type { Value } from "../onnx/graph.ts";
import { relu, sigmoid } from "../onnx/ops/activation.ts";
import { add, multiply } from "../onnx/ops/arithmetic.ts";
import { reduceMean } from "../onnx/ops/reduction.ts";
import { concat, split } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";
import { delayLayer, sameConvolution } from "./same-convolution.ts";

/**
 * x [B, C, T] to the same shape: Res2Net, whose groups of channels each see further than the one before, and squeeze and
 * excitation, which weighs channels by what the whole recording is like (Desplanques et al. 2020, section 3.2).
 */
export function residualBlock(
  x: Value,
  weights: Weights,
  { dilation, groups }: { dilation: number; groups: number },
): Value {
  const entered = delayLayer(x, weights.under("tdnn1"));
  const [channels = 1] = weights.shape("tdnn1.conv.weight");
  const sizes = Array<number>(groups).fill(channels / groups);
  const [first, ...others] = split(entered, sizes, 1);
  if (!first) throw new Error("a block has at least one group of channels");
  const seen: Value[] = [];
  for (const [index, group] of others.entries()) {
    const before = seen.at(-1);
    const layer = weights.under(`res2net_block.blocks.${index}`);
    seen.push(delayLayer(before ? add(group, before) : group, layer, dilation));
  }
  const left = delayLayer(concat([first, ...seen], 1), weights.under("tdnn2"));

  const mean = reduceMean(left, [2], { keepAxes: true });
  const squeezed = relu(sameConvolution(mean, weights.under("se_block.conv1")));
  const excitation = sigmoid(sameConvolution(squeezed, weights.under("se_block.conv2")));
  return add(multiply(left, excitation), x);
}
