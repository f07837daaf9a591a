// The one place that knows how the weights of linear layers are stored. A graph says `linear(x, weight)`; the weight
// carries its format.
import { toFloat16 } from "../float16.ts";
import { permute } from "../permute.ts";
import { type QuantizedBits, quantizeMatrix } from "../quantize.ts";
import type { Value } from "./graph.ts";
import { add, cast, matmul } from "./ops/arithmetic.ts";
import { operation } from "./ops/operand.ts";

/** int8 and int4 are quantised in blocks; activations stay float32. With float16 both are, inside the product. */
export type WeightFormat = "float32" | "float16" | "int8" | "int4";

/** A matrix [outputs, inputs] as checkpoints store it. */
export interface LinearWeight {
  name: string;
  inputs: number;
  outputs: number;
  format: WeightFormat;
  /** Row after row. Not called when the model's data file already holds the weight. */
  read(): Float32Array;
}

/**
 * How many weights of a row have a scale in common. CPUs are the faster the larger the block, up to the 256 that the kernel
 * takes: int8 products of one row take 0.7 of the time that they take with 128. That costs a twelfth more error, which
 * int8 can spare and int4 cannot.
 */
const blockSizes = { 8: 256, 4: 128 } as const satisfies Record<QuantizedBits, number>;
/** MatMulNBits: products of int8 weights and activations quantised to int8 by row block, summed in int32. */
const int8Products = 4;

/** x · weightᵀ + bias: [..., inputs] to [..., outputs], of the type that x has. */
export function linear(x: Value, weight: LinearWeight, bias?: Value): Value {
  const product = multiplyTransposed(x, weight);
  return bias ? add(product, bias) : product;
}

function multiplyTransposed(x: Value, weight: LinearWeight): Value {
  switch (weight.format) {
    case "float32":
      return floatProduct(x, weight);
    case "float16":
      return halfProduct(x, weight);
    case "int8":
      return blockProduct(x, weight, 8);
    case "int4":
      return blockProduct(x, weight, 4);
  }
}

function floatProduct(x: Value, { name, inputs, outputs, read }: LinearWeight): Value {
  const transposed = x.model.initializer(`${name}.transposed`, "float32", [inputs, outputs], () =>
    permute(read(), [outputs, inputs], [1, 0]),
  );
  return matmul(x, transposed);
}

function halfProduct(x: Value, { name, inputs, outputs, read }: LinearWeight): Value {
  const key = `${name}.float16.transposed`;
  const transposed = x.model.initializer(key, "float16", [inputs, outputs], () =>
    toFloat16(permute(read(), [outputs, inputs], [1, 0])),
  );
  return cast(matmul(cast(x, "float16"), transposed), x.type);
}

function blockProduct(
  x: Value,
  { name, inputs, outputs, read }: LinearWeight,
  bits: QuantizedBits,
) {
  const blockSize = blockSizes[bits];
  const blocksPerRow = Math.ceil(inputs / blockSize);
  let quantized: ReturnType<typeof quantizeMatrix> | undefined;
  const quantizeOnce = () => {
    quantized ??= quantizeMatrix(read(), inputs, bits, blockSize);
    return quantized;
  };
  const packedShape = [outputs, blocksPerRow, (blockSize * bits) / 8];
  const key = `${name}.int${bits}`;
  const packed = x.model.initializer(key, "uint8", packedShape, () => quantizeOnce().packed);
  const scales = x.model.initializer(
    `${key}.scales`,
    "float32",
    [outputs * blocksPerRow],
    () => quantizeOnce().scales,
  );
  return operation("MatMulNBits", [x, packed, scales], {
    domain: "com.microsoft",
    attributes: {
      K: inputs,
      N: outputs,
      bits,
      block_size: blockSize,
      accuracy_level: int8Products,
    },
  });
}
