import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ModelId } from "../../../shared/models.ts";
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
  return folderNames(modelsDirectory)
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((name) => {
      const folder = join(modelsDirectory, name);
      return { folder, manifest: tryManifest(folder) };
    });
}

/** The packs to serve: of several precisions of a model one that suits the device, and of those the one built last. */
export function servedPacks(packs: readonly InstalledPack[], device: Device): ServedPack[] {
  const best = new Map<ModelId, ServedPack>();
  for (const { folder, manifest } of packs) {
    if (manifest instanceof PackError) continue;
    const rival = best.get(manifest.model)?.manifest;
    if (!rival || !isBetter(rival, manifest, device))
      best.set(manifest.model, { folder, manifest });
  }
  return [...best.values()];
}

function isBetter(a: Manifest, b: Manifest, device: Device): boolean {
  const aSuits = suits(a.precision, device);
  return aSuits === suits(b.precision, device) ? a.built_at > b.built_at : aSuits;
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
