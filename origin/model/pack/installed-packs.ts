import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ModelId } from "../../../shared/models.ts";
import { type Manifest, PackError, readManifest } from "./manifest.ts";

export interface InstalledPack {
  folder: string;
  /** What the pack says of itself, or why it cannot be used. */
  manifest: Manifest | PackError;
}

/** Every pack in the models folder, usable or not, by folder name. A folder that does not exist has none. */
export function installedPacks(modelsDirectory: string): InstalledPack[] {
  return folderNames(modelsDirectory)
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((name) => {
      const folder = join(modelsDirectory, name);
      return { folder, manifest: tryManifest(folder) };
    });
}

/** The packs to serve: of several precisions of a model, the one built last. */
export function servedPacks(packs: readonly InstalledPack[]): Map<ModelId, string> {
  const newest = new Map<ModelId, { folder: string; builtAt: number }>();
  for (const { folder, manifest } of packs) {
    if (manifest instanceof PackError) continue;
    const builtAt = newest.get(manifest.model)?.builtAt ?? 0;
    if (manifest.built_at >= builtAt) {
      newest.set(manifest.model, { folder, builtAt: manifest.built_at });
    }
  }
  return new Map([...newest].map(([model, { folder }]) => [model, folder]));
}

function folderNames(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}

function tryManifest(folder: string): Manifest | PackError {
  try {
    return readManifest(folder);
  } catch (cause) {
    if (cause instanceof PackError) return cause;
    throw cause;
  }
}
