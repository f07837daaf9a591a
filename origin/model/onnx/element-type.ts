/** `TensorProto.DataType` of onnx.proto and the size of one element. */
const elementTypes = {
  float32: { code: 1, bytes: 4 },
  uint8: { code: 2, bytes: 1 },
  int32: { code: 6, bytes: 4 },
  int64: { code: 7, bytes: 8 },
  bool: { code: 9, bytes: 1 },
  float16: { code: 10, bytes: 2 },
} as const;

export type ElementType = keyof typeof elementTypes;

/** Raw little-endian elements; float16 as its bits, bool as one byte each. */
export type TensorData = Float32Array | Uint8Array | Int32Array | BigInt64Array | Uint16Array;

export function elementTypeCode(type: ElementType): number {
  return elementTypes[type].code;
}

export function elementBytes(type: ElementType): number {
  return elementTypes[type].bytes;
}

/** Numbers as the elements of a tensor. Throws for float16, which has no plain literals here. */
export function toTensorData(type: ElementType, values: readonly number[]): TensorData {
  switch (type) {
    case "float32":
      return Float32Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "int64":
      return BigInt64Array.from(values, BigInt);
    case "uint8":
    case "bool":
      return Uint8Array.from(values);
    case "float16":
      throw new Error("float16 constants are made by casting a float32 one");
  }
}

export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
