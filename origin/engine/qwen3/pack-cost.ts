import type { Manifest } from "../../model/pack/manifest.ts";
import { packFiles } from "../../model/pack/pack-files.ts";

/** What it takes to load a pack. */
export interface PackCost {
  /** Of its process. */
  memoryBytes: number;
  seconds: number;
}

/** Node and ONNX Runtime without a model. */
const processBytes = 150e6;
/** ONNX Runtime rearranges weights for its kernels: a process takes 1.1 to 1.4 times the files that it reads whole. */
const bytesPerFileByte = 1.3;

const processSeconds = 1;
const fileBytesPerSecond = 200e6;

/** What loading will take: what it took in the pack's self-test, else a guess by the sizes of its files. */
export function estimateCost({ files, self_test }: Manifest): PackCost {
  const measured = self_test?.loading;
  if (measured) return { memoryBytes: measured.resident_bytes, seconds: measured.seconds };
  const fileBytes = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  // Its rows are read one by one, when they are needed.
  const unread = files[packFiles.embeddings]?.bytes ?? 0;
  return {
    memoryBytes: Math.ceil(processBytes + bytesPerFileByte * (fileBytes - unread)),
    seconds: processSeconds + fileBytes / fileBytesPerSecond,
  };
}
