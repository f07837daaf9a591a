import { mkdirSync, statfsSync } from "node:fs";
import { DownloadError } from "./download-error.ts";
import { formatBytes } from "./format-bytes.ts";

export interface SpaceNeeds {
  /** Bytes still to be downloaded. */
  download: number;
  /** Bytes of the pack that is to be built, at most. */
  pack: number;
}

/** Throws DownloadError when the disk of a folder has less room than is needed. Creates the folder. */
export function requireSpace(folder: string, { download, pack }: SpaceNeeds): void {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= download + pack) return;
  const packPart = pack > 0 ? ` and up to ${formatBytes(pack)} for the pack` : "";
  throw new DownloadError(
    `The disk of ${folder} has ${formatBytes(free)} free; ${formatBytes(download)} to download${packPart} are needed. ` +
      "Free some, or set MODELS_DIR to a folder on another disk",
  );
}
