import { copyFileSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkpointFiles } from "./checkpoint-files.ts";
import { requireSpace } from "./disk-space.ts";
import { downloadFile } from "./download-file.ts";
import { expectedFiles } from "./expected-files.ts";
import type { Source } from "./find-repository.ts";
import type { Hub } from "./hub.ts";
import { checkpointFolder, findTwin, recordVerified, verifiedFiles } from "./kept-checkpoints.ts";
import { findCommit, type RemoteFile } from "./list-files.ts";
import { partSize, removePart } from "./part-file.ts";
import { type Patience, persevere, patience as usualPatience } from "./persevere.ts";

/** Is told how a download goes. */
export interface DownloadReport {
  /** These files are not there yet; of some a part may be. */
  begin(missing: readonly RemoteFile[]): void;
  /** A file has this many bytes now; fewer than before when it had to be begun anew. */
  progress(file: RemoteFile, bytes: number): void;
  /** A file is there, proven. */
  finish(file: RemoteFile): void;
  /** Something failed for this reason, and the next try begins after a delay. */
  retry(reason: string, delaySeconds: number): void;
}

/** A checkpoint on this disk. */
export interface KeptCheckpoint {
  folder: string;
  files: readonly RemoteFile[];
}

export interface CheckpointDownload {
  hub: Hub;
  source: Source;
  modelsDirectory: string;
  /** How much room, in bytes, what is made of the checkpoint takes at most. */
  reserveBytes(checkpoint: KeptCheckpoint): number;
  report: DownloadReport;
  signal: AbortSignal;
  patience?: Patience;
}

/**
 * Downloads the files a pack is built from, as far as they are not there. Of a commit that is there whole the hub is
 * asked nothing. Throws DownloadError, the signal's reason, and what the file system throws.
 */
export async function downloadCheckpoint(download: CheckpointDownload): Promise<KeptCheckpoint> {
  const { hub, source, modelsDirectory, report, signal, patience = usualPatience } = download;
  const options = { patience, signal, onRetry: report.retry };
  const { id } = source;
  const commit = await persevere((once) => findCommit(hub, source, once.signal), options);
  const folder = checkpointFolder(modelsDirectory, id, commit);

  const kept = new Map(verifiedFiles(folder).map((file) => [file.path, file]));
  const isWhole = checkpointFiles.every((path) => kept.has(path));
  const files = isWhole
    ? [...kept.values()]
    : await persevere((once) => expectedFiles(hub, source, commit, once.signal), options);
  const absent = files.filter(({ path, digest }) => kept.get(path)?.digest !== digest);
  const missing = absent.filter((file) => !takeTwin(modelsDirectory, folder, file));

  const sizes = missing.map(({ path, bytes }) => Math.max(0, bytes - partSize(join(folder, path))));
  requireSpace(modelsDirectory, {
    download: sizes.reduce((total, bytes) => total + bytes, 0),
    pack: download.reserveBytes({ folder, files }),
  });

  report.begin(missing);
  for (const file of missing) {
    const onBytes = (bytes: number) => report.progress(file, bytes);
    const target = join(folder, file.path);
    await downloadFile({ hub, id, commit, file, target }, { ...options, onBytes });
    recordVerified(folder, file);
    report.finish(file);
  }
  return { folder, files };
}

/** The speech tokenizer is the same 682 MB in every published repository: one copy serves all. */
function takeTwin(modelsDirectory: string, folder: string, file: RemoteFile): boolean {
  const twin = findTwin(modelsDirectory, file);
  if (twin === undefined) return false;
  const target = join(folder, file.path);
  mkdirSync(dirname(target), { recursive: true });
  removePart(target);
  rmSync(target, { force: true });
  try {
    linkSync(twin, target);
  } catch {
    // Not every file system has hard links.
    copyFileSync(twin, target);
  }
  recordVerified(folder, file);
  return true;
}
