// A folder cannot be renamed over another one that has something in it. So a newer pack first stands beside the one whose
// place it takes, under a name that is read like any other, and the older one leaves before it is deleted: wherever the
// process is killed, at least one of them is there, whole.
import { lstatSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Puts a folder in the place of another, if there is one, which is deleted. Both are on one file system. */
export function replaceFolder(folder: string, place: string): void {
  endReplacement(place);
  const isTaken = isThere(place);
  renameSync(folder, isTaken ? newerName(place) : place);
  if (isTaken) endReplacement(place);
}

/** Ends a replacement that was interrupted, if one was. */
function endReplacement(place: string): void {
  const newer = newerName(place);
  const older = join(dirname(place), `.${basename(place)}.old`);
  if (isThere(newer)) {
    rmSync(older, { recursive: true, force: true });
    if (isThere(place)) renameSync(place, older);
    renameSync(newer, place);
  }
  rmSync(older, { recursive: true, force: true });
}

function newerName(place: string): string {
  return `${place}.new`;
}

/** Whatever it is: of a link, the link. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
