import { totalmem } from "node:os";

/** What the Qwen3 models of this origin may take, in bytes. */
export interface MemoryBudget {
  /** For the processes of loaded models. */
  modelBytes: number;
  /** For the keys and values of the streams under way. */
  keyValueBytes: number;
}

/** The rest is for the system, this process and encoders. */
const shareOfMachine = 0.75;
const shareOfKeyValues = 0.25;

/** What an operator has set of it, in bytes. */
export interface MemoryLimits {
  totalBytes?: number | undefined;
  /** Part of the total. */
  keyValueBytes?: number | undefined;
}

/** Divides the memory that was set, or most of what there is: on the GPU, or of this machine or container. */
export function memoryBudget(limits: MemoryLimits, gpuBytes: number | null = null): MemoryBudget {
  const { totalBytes = shareOfMachine * (gpuBytes ?? memoryHere()) } = limits;
  const { keyValueBytes = shareOfKeyValues * totalBytes } = limits;
  return { modelBytes: totalBytes - keyValueBytes, keyValueBytes };
}

function memoryHere(): number {
  // Without a limit of the container's this is 0, or more than there could be.
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}
