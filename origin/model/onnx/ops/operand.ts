import type { ElementType } from "../element-type.ts";
import type { Value } from "../graph.ts";
import type { Attribute } from "../proto.ts";

/** Numbers stand for constants of the type that the other operands have. */
export type Operand = Value | number | readonly number[];

export interface OperatorOptions {
  domain?: "com.microsoft";
  attributes?: Readonly<Record<string, Attribute>>;
  /** Element type of the result; by default that of the first operand. */
  type?: ElementType;
}

export function isValue(operand: Operand | null): operand is Value {
  return typeof operand === "object" && operand !== null && "model" in operand;
}

/** A node of one result whose operands are all of one type. Throws on operands of several types. */
export function elementwise(
  operator: string,
  operands: readonly Operand[],
  options: OperatorOptions = {},
): Value {
  const like = operands.find(isValue);
  if (!like) throw new Error(`${operator}: at least one operand must be a value`);
  const inputs = operands.map((operand) => {
    if (!isValue(operand)) return like.model.constant(like.type, operand);
    if (operand.type === like.type) return operand;
    throw new Error(
      `${operator}: ${like.name} is ${like.type} but ${operand.name} is ${operand.type}`,
    );
  });
  return operation(operator, inputs, options);
}

/** A node of one result. Null is an optional input left out. */
export function operation(
  operator: string,
  inputs: readonly (Value | null)[],
  options: OperatorOptions = {},
): Value {
  const like = inputs.find(isValue);
  if (!like) throw new Error(`${operator}: it has no input`);
  const [result] = operations(operator, inputs, [options.type ?? like.type], options);
  if (!result) throw new Error(`${operator}: it has no result`);
  return result;
}

/** A node of several results, whose types are given. */
export function operations(
  operator: string,
  inputs: readonly (Value | null)[],
  outputTypes: readonly ElementType[],
  options: Omit<OperatorOptions, "type"> = {},
): Value[] {
  const like = inputs.find(isValue);
  if (!like) throw new Error(`${operator}: it has no input`);
  return like.model.node({ operator, inputs, outputTypes, ...options });
}

/** Indices and sizes: int64 vectors, from numbers or given as a value. */
export function integers(like: Value, operand: Operand): Value {
  if (isValue(operand)) return operand;
  return like.model.constant("int64", typeof operand === "number" ? [operand] : operand);
}
