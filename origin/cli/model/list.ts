import { basename } from "node:path";
import { type InstalledPack, installedPacks } from "../../model/pack/installed-packs.ts";
import { PackError } from "../../model/pack/manifest.ts";
import { modelsDirectory } from "../../model/pack/models-directory.ts";

/** `model list`: shows the installed packs, one line for each. */
export function list(): void {
  const directory = modelsDirectory();
  const packs = installedPacks(directory);
  if (packs.length === 0) process.stdout.write(`There is no pack in ${directory}\n`);
  for (const pack of packs) process.stdout.write(`${describe(pack)}\n`);
}

function describe({ folder, manifest }: InstalledPack): string {
  if (manifest instanceof PackError) return `${basename(folder)}  unusable: ${manifest.message}`;
  const bytes = Object.values(manifest.files).reduce((total, file) => total + file.bytes, 0);
  const built = new Date(manifest.built_at * 1000).toISOString();
  const untested = manifest.self_test ? "" : " without self-test,";
  return `${manifest.model}  ${manifest.precision}  ${Math.ceil(bytes / 1e6)} MB  built ${built},${untested} from ${manifest.source.folder}`;
}
