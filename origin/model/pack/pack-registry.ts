import { statSync } from "node:fs";
import { join } from "node:path";
import { type InstalledPack, packFolders, readPack } from "./installed-packs.ts";
import { manifestName, PackError } from "./manifest.ts";

/** The packs of a models folder, as they were when somebody looked last. */
export interface PackRegistry {
  /** The object that stands for a pack is the same for as long as none of its files changes. */
  readonly packs: readonly InstalledPack[];
  /** Looks again and returns whether anything has changed. Throws the system's error when the folder cannot be read. */
  look(): boolean;
}

interface Entry {
  pack: InstalledPack;
  stamp: string;
}

/**
 * Looks into a models folder, now and whenever it is told to: in file systems over a network, and where links lead,
 * nothing says that a file has changed. Throws the system's error when the folder cannot be read.
 */
export function createPackRegistry(modelsDirectory: string): PackRegistry {
  let known = new Map<string, Entry>();

  function look(): boolean {
    const found = new Map<string, Entry>();
    for (const folder of packFolders(modelsDirectory)) {
      const before = known.get(folder);
      const isSame = before?.stamp === stampOf(folder, before?.pack);
      found.set(folder, before && isSame ? before : read(folder));
    }
    const hasChanged =
      found.size !== known.size ||
      [...found].some(([folder, entry]) => known.get(folder) !== entry);
    known = found;
    return hasChanged;
  }

  look();
  return {
    get packs() {
      return [...known.values()].map(({ pack }) => pack);
    },
    look,
  };
}

/** What is written while it is read is found changed the next time. */
function read(folder: string): Entry {
  const manifestStamp = stampOf(folder, undefined);
  const pack = readPack(folder);
  return { pack, stamp: [manifestStamp, ...fileStamps(pack)].join() };
}

function stampOf(folder: string, pack: InstalledPack | undefined): string {
  return [fileStamp(join(folder, manifestName)), ...(pack ? fileStamps(pack) : [])].join();
}

function fileStamps({ folder, manifest }: InstalledPack): string[] {
  if (manifest instanceof PackError) return [];
  return Object.keys(manifest.files).map((name) => fileStamp(join(folder, name)));
}

function fileStamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : "missing";
}
