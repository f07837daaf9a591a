import { type ElementType, elementTypeCode } from "../element-type.ts";
import type { Value } from "../graph.ts";
import { elementwise, isValue, type Operand, operation } from "./operand.ts";

// Shapes broadcast as in NumPy.

export function add(a: Operand, b: Operand): Value {
  return elementwise("Add", [a, b]);
}

export function subtract(a: Operand, b: Operand): Value {
  return elementwise("Sub", [a, b]);
}

export function multiply(a: Operand, b: Operand): Value {
  return elementwise("Mul", [a, b]);
}

/** Of integers: truncates towards zero. */
export function divide(a: Operand, b: Operand): Value {
  return elementwise("Div", [a, b]);
}

export function minimum(a: Operand, b: Operand): Value {
  return elementwise("Min", [a, b]);
}

export function maximum(a: Operand, b: Operand): Value {
  return elementwise("Max", [a, b]);
}

export function clamp(x: Value, lowest: number, highest: number): Value {
  return elementwise("Clip", [x, lowest, highest]);
}

/** Sum of any number of tensors. */
export function sum(terms: readonly Value[]): Value {
  return elementwise("Sum", terms);
}

export function squareRoot(x: Value): Value {
  return operation("Sqrt", [x]);
}

/** The natural one. */
export function logarithm(x: Value): Value {
  return operation("Log", [x]);
}

export function sine(x: Value): Value {
  return operation("Sin", [x]);
}

export function cosine(x: Value): Value {
  return operation("Cos", [x]);
}

export function matmul(a: Value, b: Value): Value {
  return elementwise("MatMul", [a, b]);
}

export function equal(a: Operand, b: Operand): Value {
  return elementwise("Equal", [a, b], { type: "bool" });
}

export function less(a: Operand, b: Operand): Value {
  return elementwise("Less", [a, b], { type: "bool" });
}

export function lessOrEqual(a: Operand, b: Operand): Value {
  return elementwise("LessOrEqual", [a, b], { type: "bool" });
}

export function greaterOrEqual(a: Operand, b: Operand): Value {
  return elementwise("GreaterOrEqual", [a, b], { type: "bool" });
}

export function and(a: Value, b: Value): Value {
  return elementwise("And", [a, b]);
}

export function or(a: Value, b: Value): Value {
  return elementwise("Or", [a, b]);
}

export function not(a: Value): Value {
  return operation("Not", [a]);
}

/** Element by element: `a` where the condition holds, else `b`; one of the two must be a value. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const like = [a, b].find(isValue);
  if (!like) throw new Error("Where: one of the branches must be a value");
  const branch = (operand: Operand) =>
    isValue(operand) ? operand : like.model.constant(like.type, operand);
  return operation("Where", [condition, branch(a), branch(b)], { type: like.type });
}

/** x itself when it is of the type. */
export function cast(x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  return operation("Cast", [x], { type, attributes: { to: elementTypeCode(type) } });
}
