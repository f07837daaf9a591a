import { resolveModel } from "../../shared/models.ts";
import { DownloadError } from "./download-error.ts";
import { type PinnedFile, repositories } from "./repositories.ts";

/** What is to be downloaded. */
export interface Source {
  /** The repository, such as `Qwen/Qwen3-TTS-12Hz-0.6B-CustomVoice`. */
  id: string;
  /** A branch, tag or commit. */
  revision: string;
  /** The files whose content is known beforehand, by path. */
  pinned: Readonly<Record<string, PinnedFile>>;
}

const family = "qwen3-tts-12hz-";
const repositoryId = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/**
 * Finds a repository by the publisher's name, by ours, by ours without the family (`0.6b-custom-voice`) or by an alias
 * such as `tts-1`, in any case; any other `owner/name` is taken as it is. Known repositories are pinned to a revision
 * unless another is asked for. Throws DownloadError, with the names that are known, when there is none.
 */
export function findRepository(name: string, revision?: string): Source {
  const known = officialRepository(name.toLowerCase());
  if (known) {
    const isPinned = revision === undefined || revision === known.revision;
    return isPinned ? known : { id: known.id, revision, pinned: {} };
  }
  if (repositoryId.test(name)) return { id: name, revision: revision ?? "main", pinned: {} };
  throw new DownloadError(
    `There is no model ${name}. Known are:\n${shortNames.map((short) => `  ${short}\n`).join("")}` +
      "Any other repository is named in full: owner/name",
  );
}

/** The names of the published models without their family. */
export const shortNames = Object.keys(repositories).map((model) => model.slice(family.length));

function officialRepository(name: string): Source | undefined {
  const published = Object.values(repositories).find(({ id }) =>
    [id.toLowerCase(), id.toLowerCase().replace("qwen/", "")].includes(name),
  );
  const model = resolveModel(name)?.native ?? resolveModel(family + name)?.native;
  return published ?? (model && repositories[model]);
}
