import { Tensor } from "onnxruntime-node";
import type { Session, SessionInput, Tensors } from "../session.ts";
import { stateInput, stateOutput } from "./stream-state.ts";

/** What a stream keeps between two calls of a session, by the names of its inputs. A call does not change it. */
export type SessionState = Tensors;

/** A state as it can be sent from thread to thread. */
export type StateCopy = Record<
  string,
  { type: "float32" | "int64"; data: Float32Array | BigInt64Array; dims: readonly number[] }
>;

export function copiedState(state: SessionState): StateCopy {
  return Object.fromEntries(
    Object.entries(state).map(([name, { type, data, dims }]) => {
      if (type === "float32" && data instanceof Float32Array) return [name, { type, data, dims }];
      if (type === "int64" && data instanceof BigInt64Array) return [name, { type, data, dims }];
      throw new Error(`a state of ${type} is not known here`);
    }),
  );
}

export function stateOfCopy(copy: StateCopy): SessionState {
  return Object.fromEntries(
    Object.entries(copy).map(([name, { type, data, dims }]) => [
      name,
      new Tensor(type, data, dims),
    ]),
  );
}

/** Of one stream at its beginning: zeros, and nothing of what grows. */
export function initialState(session: Session): SessionState {
  return Object.fromEntries(stateInputs(session).map((input) => [input.name, zeros(input)]));
}

/** After a call that gave these outputs. */
export function nextState(session: Session, outputs: Tensors): SessionState {
  return Object.fromEntries(
    stateInputs(session).map(({ name }) => {
      const output = stateOutput(name.slice(prefix.length));
      const tensor = outputs[output];
      if (!tensor) throw new Error(`the session gives no ${output}`);
      return [name, tensor];
    }),
  );
}

const prefix = stateInput("");

function stateInputs({ inputs }: Session): SessionInput[] {
  return inputs.filter(({ name }) => name.startsWith(prefix));
}

/** Symbolic dimensions are the batch, which is one stream, and others that grow. */
function zeros({ type, shape }: SessionInput): Tensor {
  const sizes = shape.map((size) => (typeof size === "number" ? size : size === "batch" ? 1 : 0));
  const length = sizes.reduce((product, size) => product * size, 1);
  if (type === "int64") return new Tensor(type, new BigInt64Array(length), sizes);
  if (type === "float32") return new Tensor(type, new Float32Array(length), sizes);
  throw new Error(`a state of ${type} is not known here`);
}
