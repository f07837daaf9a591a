import { type Precision, precisions } from "../generate/precision.ts";

/** The graphs without their weights. */
const graphBytes = 16 * 1024 * 1024;

/**
 * A bound for the size of a pack, in bytes, from that of its checkpoint. Published weights take two bytes each; the
 * embeddings stay like that in every precision, and the heads and the codec are float32 in all of them.
 */
export function largestPackBytes(checkpointBytes: number, precision: Precision): number {
  const growth = precisions[precision].talker === "float32" ? 1.75 : 1.1;
  return Math.ceil(checkpointBytes * growth) + graphBytes;
}
