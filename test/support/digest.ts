import { createHash } from "node:crypto";

/** Stands for all of an array in a comparison: equal when every byte is, and quick to compare and to print. */
export function digest({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
