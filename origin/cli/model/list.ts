import { basename } from "node:path";
import { type InstalledPack, installedPacks } from "../../model/pack/installed-packs.ts";
import { PackError } from "../../model/pack/manifest.ts";
import { modelsDirectory } from "../../model/pack/models-directory.ts";
import { verifyPack } from "../../model/pack/verify-pack.ts";
import { readOptions } from "../read-options.ts";

/** `model list`: shows the installed packs, one line for each, and whether each is what was built. */
export async function list(args: string[]): Promise<void> {
  readOptions({ args, options: {} });
  const directory = modelsDirectory();
  const packs = installedPacks(directory);
  if (packs.length === 0) process.stdout.write(`There is no pack in ${directory}\n`);
  for (const pack of packs) process.stdout.write(`${await describe(pack)}\n`);
}

async function describe({ folder, manifest }: InstalledPack): Promise<string> {
  try {
    if (manifest instanceof PackError) throw manifest;
    await verifyPack(folder, manifest);
  } catch (cause) {
    if (!(cause instanceof PackError)) throw cause;
    return `${basename(folder)}  unusable: ${cause.message}`;
  }
  const bytes = Object.values(manifest.files).reduce((total, file) => total + file.bytes, 0);
  const built = new Date(manifest.built_at * 1000).toISOString();
  const untested = manifest.self_test ? "" : " without self-test,";
  return `${manifest.model}  ${manifest.precision}  ${Math.ceil(bytes / 1e6)} MB  built ${built},${untested} from ${manifest.source.folder}`;
}
