// Whether a pack's files are what was built. Hashing gigabytes takes about as long as loading them, so files that were
// found whole are noted with their size and the time of their last change, and are hashed again when that differs.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { hashFile } from "./hash-file.ts";
import { type Manifest, PackError, rebuildAdvice } from "./manifest.ts";

/** Beside the files it speaks of. */
const notesName = "verified.json";

/** A stamp for each file. */
const notesSchema = z.record(z.string(), z.string());
type Notes = z.infer<typeof notesSchema>;

/** Throws PackError when a file is missing or is not what the manifest says. */
export async function verifyPack(folder: string, manifest: Manifest): Promise<void> {
  const notes = readNotes(folder);
  let hashed = false;
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    const damage =
      size === undefined
        ? "is missing"
        : size !== bytes
          ? `has ${size} bytes instead of ${bytes}`
          : undefined;
    if (damage) throw damaged(path, damage, manifest);
    if (notes[name] === stamp(path, sha256)) continue;
    hashed = true;
    if ((await hashFile(path)) !== sha256) {
      throw damaged(path, "does not have the content it was built with", manifest);
    }
  }
  if (hashed) noteVerified(folder, manifest);
}

/** Notes that the files are at present what the manifest says. A folder that cannot be written goes without. */
export function noteVerified(folder: string, { files }: Manifest): void {
  const stamps = Object.entries(files).map(([name, { sha256 }]) => [
    name,
    stamp(join(folder, name), sha256),
  ]);
  try {
    writeFileSync(join(folder, notesName), JSON.stringify(Object.fromEntries(stamps)));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EROFS" && code !== "EACCES" && code !== "EPERM") throw cause;
  }
}

function readNotes(folder: string): Notes {
  try {
    return notesSchema.parse(JSON.parse(readFileSync(join(folder, notesName), "utf8")));
  } catch {
    return {};
  }
}

function stamp(path: string, sha256: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${sha256} ${size} ${mtimeMs}`;
}

function damaged(path: string, damage: string, manifest: Manifest): PackError {
  return new PackError(`${path} ${damage}. ${rebuildAdvice(manifest)}`);
}
