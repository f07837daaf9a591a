import { type Catalogue, plainCatalogue } from "../../shared/catalogue.ts";
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
 * Finds a repository by any name that the API takes for its model (`resolveModel`); any other `owner/name` is taken as it is. Known repositories are pinned to a revision
 * unless another is asked for. Throws DownloadError, with the names that are known, when there is none.
 */
export function findRepository(
  name: string,
  revision?: string,
  catalogue: Catalogue = plainCatalogue,
): Source {
  const known = officialRepository(name.trim().toLowerCase(), catalogue);
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

/** A name with a slash is a repository of somebody's, unless it is one of the publisher's or of OpenAI's models. */
function officialRepository(name: string, catalogue: Catalogue): Source | undefined {
  const isAnybodys = name.includes("/") && !/^(qwen|openai)\//.test(name);
  const isOwn = catalogue.modelAliases.has(name);
  const model = isAnybodys && !isOwn ? undefined : catalogue.resolveModel(name);
  return model && repositories[model.native];
}
