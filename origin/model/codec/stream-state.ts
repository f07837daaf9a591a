// What a stream keeps between calls. Every layer that looks back is causal and looks a fixed number of steps back, so
// its state is those steps of its input; a stream begins with zeros.
import type { ElementType } from "../onnx/element-type.ts";
import type { Model, Value } from "../onnx/graph.ts";
import { concat, slice } from "../onnx/ops/shape.ts";

/** One state tensor of a streaming model: input `state.NAME`, and output `next.NAME` to feed with the next call. */
export interface StateTensor {
  name: string;
  type: ElementType;
  /** Of one stream; the batch axis comes before it. */
  shape: readonly number[];
}

export interface StreamState {
  /** The state's value before this call. */
  previous(tensor: StateTensor): Value;
  /** The state's value for the next call. */
  next(tensor: StateTensor, value: Value): void;
  /**
   * x with the end of its past joined on along the axis of time. `shape` is that of the past, without the batch axis;
   * `axis` counts the batch axis.
   */
  withPast(name: string, x: Value, past: { axis: number; shape: readonly number[] }): Value;
}

export const stateInput = (name: string) => `state.${name}`;
export const stateOutput = (name: string) => `next.${name}`;

export function createStreamState(model: Model): StreamState {
  function previous({ name, type, shape }: StateTensor): Value {
    return model.input(stateInput(name), type, ["batch", ...shape]);
  }

  function next({ name, shape }: StateTensor, value: Value): void {
    model.output(stateOutput(name), value, ["batch", ...shape]);
  }

  return {
    previous,
    next,
    withPast(name, x, { axis, shape }) {
      const tensor = { name, type: x.type, shape };
      const steps = shape[axis - 1] ?? 0;
      const joined = concat([previous(tensor), x], axis);
      next(tensor, slice(joined, { axis, start: -steps }));
      return joined;
    },
  };
}
