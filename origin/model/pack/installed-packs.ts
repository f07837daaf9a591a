import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "../device/device.ts";
import { suits } from "../generate/precision.ts";
import { type Manifest, PackError, readManifest } from "./manifest.ts";

export interface InstalledPack {
  folder: string;
  /** What the pack says of itself, or why it cannot be used. */
  manifest: Manifest | PackError;
}

/** A pack that can be used. */
export interface ServedPack extends InstalledPack {
  manifest: Manifest;
}

/** Every pack in the models folder, usable or not, by folder name. A folder that does not exist has none. */
export function installedPacks(modelsDirectory: string): InstalledPack[] {
  return packFolders(modelsDirectory).map(readPack);
}

/** The folders of packs in the models folder, those of unfinished builds not among them. */
export function packFolders(modelsDirectory: string): string[] {
  return folderNames(modelsDirectory)
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((name) => join(modelsDirectory, name));
}

export function readPack(folder: string): InstalledPack {
  try {
    return { folder, manifest: readManifest(folder) };
  } catch (cause) {
    if (cause instanceof PackError) return { folder, manifest: cause };
    throw cause;
  }
}

/**
 * The packs that can be used, in the order in which they are to be tried: those that suit the device before the others,
 * and of these the one built last first. Of two built in the same second the later name is a newer one's that has not
 * yet taken the older one's place.
 */
export function servedPacks(packs: readonly InstalledPack[], device: Device): ServedPack[] {
  return packs.filter(isServed).sort((a, b) => {
    const [aSuits, bSuits] = [a, b].map(({ manifest }) =>
      Number(suits(manifest.precision, device)),
    );
    return (
      (bSuits ?? 0) - (aSuits ?? 0) ||
      b.manifest.built_at - a.manifest.built_at ||
      (a.folder < b.folder ? 1 : -1)
    );
  });
}

function isServed(pack: InstalledPack): pack is ServedPack {
  return !(pack.manifest instanceof PackError);
}

/** Links count as what they lead to; one that leads nowhere is shown for what it is. */
function folderNames(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries
      .filter(
        (entry) => entry.isDirectory() || (entry.isSymbolicLink() && !isFile(directory, entry)),
      )
      .map(({ name }) => name);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    const problem = code === "ENOTDIR" ? "is not a folder" : `cannot be read: ${code}`;
    throw new Error(`${directory}, where packs are kept (MODELS_DIR), ${problem}`, { cause });
  }
}

function isFile(directory: string, { name }: Dirent): boolean {
  const found = statSync(join(directory, name), { throwIfNoEntry: false });
  return found !== undefined && !found.isDirectory();
}
