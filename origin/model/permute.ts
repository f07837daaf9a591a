/** A row-major tensor with its axes in another order: axis `i` of the result is axis `order[i]` of the tensor. */
export function permute(
  tensor: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = order.map((axis) => shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 1);
  const result = new Float32Array(tensor.length);
  let next = 0;

  function copy(axis: number, start: number): void {
    const size = sizes[axis] ?? 1;
    const step = steps[axis] ?? 1;
    const isInnermost = axis === order.length - 1;
    for (let index = 0, from = start; index < size; index++, from += step) {
      if (isInnermost) result[next++] = tensor[from] ?? 0;
      else copy(axis + 1, from);
    }
  }
  copy(0, 0);
  return result;
}
