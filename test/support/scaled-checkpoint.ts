import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const lengthFieldBytes = 8;

/** The bits of a float32 exponent's lowest place, in its upper half, which is what bfloat16 is. */
const exponentUnit = 1 << 7;
const exponentMask = 0x7f80;

/** A copy of a checkpoint in bfloat16 whose weights that match are larger by 2 to a power; it is gone after the test. */
export function scaledCheckpoint(
  folder: string,
  powers: readonly (readonly [name: RegExp, power: number])[],
): string {
  const copy = mkdtempSync(join(tmpdir(), "scaled-"));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(folder, copy, { recursive: true });
  const path = join(copy, "model.safetensors");
  const bytes = readFileSync(path);
  const start = lengthFieldBytes + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(lengthFieldBytes, start).toString());
  for (const [name, { dtype, data_offsets: span }] of Object.entries<{
    dtype: string;
    data_offsets: [number, number];
  }>(header)) {
    const power = powers.find(([pattern]) => pattern.test(name))?.[1];
    if (power === undefined) continue;
    if (dtype !== "BF16") throw new Error(`${name} is ${dtype}`);
    for (let at = start + span[0]; at < start + span[1]; at += 2) {
      const bits = bytes.readUInt16LE(at);
      if ((bits & exponentMask) !== 0) bytes.writeUInt16LE(bits + power * exponentUnit, at);
    }
  }
  writeFileSync(path, bytes);
  return copy;
}
