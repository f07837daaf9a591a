import { type Precision, precisions } from "../generate/precision.ts";

/** The graphs without their weights. */
const graphBytes = 16 * 1024 * 1024;

/**
 * A bound for the size of a pack, in bytes, from that of its checkpoint. Published weights take two bytes each and as
 * much or less in a pack, unless it is float32; heads and embeddings stay wide in every precision.
 */
export function largestPackBytes(checkpointBytes: number, precision: Precision): number {
  const growth = precisions[precision].talker === "float32" ? 2 : 1.25;
  return Math.ceil(checkpointBytes * growth) + graphBytes;
}
