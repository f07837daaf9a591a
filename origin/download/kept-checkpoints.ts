import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Digest } from "./digest.ts";
import type { RemoteFile } from "./list-files.ts";

/** A dot keeps it from being taken for a pack. */
const checkpointsFolder = ".checkpoints";

/** The files of a checkpoint whose content has been proven, for the next pull to believe. */
const recordName = ".verified.json";

const digestSchema = z.templateLiteral([z.enum(["sha256", "git-sha1"]), ":", z.string()]);
const recordSchema = z.record(z.string(), z.object({ bytes: z.int(), digest: digestSchema }));

type Verified = Record<string, { bytes: number; digest: Digest }>;

/** Where everything of a repository is kept. */
export function repositoryFolder(modelsDirectory: string, id: string): string {
  return join(modelsDirectory, checkpointsFolder, id.replace("/", "--"));
}

/** Where a repository's files at a commit are kept. */
export function checkpointFolder(modelsDirectory: string, id: string, commit: string): string {
  return join(repositoryFolder(modelsDirectory, id), commit);
}

/** The files in a checkpoint's folder that were proven and have kept their length. */
export function verifiedFiles(folder: string): RemoteFile[] {
  return Object.entries(readRecord(folder))
    .map(([path, { bytes, digest }]) => ({ path, bytes, digest }))
    .filter(({ path, bytes }) => sizeOf(join(folder, path)) === bytes);
}

/** Remembers that a file in a checkpoint's folder has been proven. */
export function recordVerified(folder: string, { path, bytes, digest }: RemoteFile): void {
  const record = { ...readRecord(folder), [path]: { bytes, digest } };
  const target = join(folder, recordName);
  writeFileSync(`${target}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${target}.new`, target);
}

/** The path of a proven file of the very same content in any kept checkpoint. */
export function findTwin(modelsDirectory: string, { digest }: RemoteFile): string | undefined {
  const root = join(modelsDirectory, checkpointsFolder);
  for (const repository of folderNames(root)) {
    for (const commit of folderNames(join(root, repository))) {
      const folder = join(root, repository, commit);
      const twin = verifiedFiles(folder).find((file) => file.digest === digest);
      if (twin) return join(folder, twin.path);
    }
  }
  return undefined;
}

function readRecord(folder: string): Verified {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(join(folder, recordName), "utf8")));
  } catch {
    // Without a record everything is simply proven anew.
    return {};
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function folderNames(directory: string): string[] {
  const entries = statSync(directory, { throwIfNoEntry: false })
    ? readdirSync(directory, { withFileTypes: true })
    : [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
