import type { DataFile } from "./data-file.ts";
import { type ElementType, elementBytes, elementCount, type TensorData } from "./element-type.ts";
import type { TensorRecord } from "./proto.ts";

/** Smaller tensors stay in the .onnx file, where shape inference and constant folding can see them. */
const minExternalBytes = 4096;

/** The tensors a model is born with, by name. */
export interface Initializers {
  has(name: string): boolean;
  /** Adds a tensor; a big one is written to the data file at once. Throws when the data do not fill the shape. */
  add(name: string, type: ElementType, shape: readonly number[], produce: () => TensorData): void;
  records(): TensorRecord[];
}

export function createInitializers(dataFile: DataFile): Initializers {
  const tensors = new Map<string, TensorRecord>();

  return {
    has: (name) => tensors.has(name),
    add(name, type, shape, produce) {
      const byteLength = elementCount(shape) * elementBytes(type);
      const produceChecked = () => {
        const data = produce();
        if (data.byteLength === byteLength) return data;
        throw new Error(`${name}: ${data.byteLength} bytes do not fill ${type}[${shape}]`);
      };
      const isSmall = byteLength < minExternalBytes;
      const content = isSmall ? produceChecked() : dataFile.store(name, produceChecked);
      tensors.set(name, { name, type, shape, content });
    },
    records: () => [...tensors.values()],
  };
}
