import { downloadCheckpoint, type KeptCheckpoint } from "../../download/download-checkpoint.ts";
import { findRepository, type Source, shortNames } from "../../download/find-repository.ts";
import { formatBytes } from "../../download/format-bytes.ts";
import { createHub } from "../../download/hub.ts";
import { repositoryFolder } from "../../download/kept-checkpoints.ts";
import { storageError } from "../../download/storage-error.ts";
import { acquireLock } from "../../model/lock.ts";
import { buildPack } from "../../model/pack/build-pack.ts";
import { installedPacks } from "../../model/pack/installed-packs.ts";
import { PackError } from "../../model/pack/manifest.ts";
import { modelsDirectory } from "../../model/pack/models-directory.ts";
import { largestPackBytes } from "../../model/pack/pack-size.ts";
import { listenForStop } from "../../process/stop-signals.ts";
import { readCatalogue } from "../../settings.ts";
import { readOptions } from "../read-options.ts";
import { createDownloadReport } from "./download-report.ts";
import { type PackChoice, packChoice, packOptions } from "./pack-options.ts";

/** `model pull NAME`: downloads a published checkpoint and builds it into a pack. */
export async function pull(args: string[]): Promise<void> {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      ...packOptions,
      revision: { type: "string" },
      "no-build": { type: "boolean", default: false },
    },
  });
  const [name, ...others] = positionals;
  if (!name || others.length > 0) {
    throw new Error(`pull takes one model: pull NAME, where NAME is ${shortNames.join(", ")}`);
  }
  const choice = packChoice(values);
  const source = findRepository(name, values.revision, readCatalogue(process.env));
  const directory = modelsDirectory();
  const lockPath = `${repositoryFolder(directory, source.id)}.lock`;
  try {
    const lock = acquireLock(lockPath, `Another pull of ${source.id}`);
    try {
      const pack = values["no-build"] ? undefined : choice;
      process.stdout.write(`${await pullInto(directory, source, pack)}\n`);
    } finally {
      lock.release();
    }
  } catch (cause) {
    throw storageError(cause, directory);
  }
}

/** Returns the folder of the pack, or of the checkpoint when there is none to build. */
async function pullInto(
  directory: string,
  source: Source,
  pack: PackChoice | undefined,
): Promise<string> {
  const present = ({ folder }: KeptCheckpoint) => pack && findPack(directory, folder, pack);
  const checkpoint = await download(directory, source, (kept) =>
    pack === undefined || present(kept) ? 0 : largestPackBytes(sizeOf(kept), pack.precision),
  );
  const { folder } = checkpoint;
  if (pack === undefined) return folder;
  const built = present(checkpoint);
  if (built !== undefined) {
    const command = `npm run model -- build ${folder} --precision ${pack.precision}`;
    process.stderr.write(`The pack is there. To build it anew: ${command}\n`);
    return built;
  }
  const target = await buildPack({
    folder,
    ...pack,
    modelsDirectory: directory,
    onProgress: (step) => process.stderr.write(`${step}\n`),
  });
  const size = formatBytes(sizeOf(checkpoint));
  process.stderr.write(
    `The checkpoint, ${size} in ${folder}, is kept for other builds; the pack works without it.\n`,
  );
  return target;
}

/** While it runs, a signal to stop ends it in order, with what has arrived kept. */
async function download(
  modelsDirectory: string,
  source: Source,
  reserveBytes: (checkpoint: KeptCheckpoint) => number,
): Promise<KeptCheckpoint> {
  const report = createDownloadReport(process.stderr);
  const { signal, release } = listenForStop();
  try {
    const hub = createHub(process.env);
    const download = { hub, source, modelsDirectory, reserveBytes, report, signal };
    const checkpoint = await downloadCheckpoint(download);
    signal.throwIfAborted();
    return checkpoint;
  } catch (cause) {
    report.clear();
    if (!signal.aborted) throw cause;
    throw new Error("Interrupted. What has arrived is kept: the same command goes on from there.", {
      cause,
    });
  } finally {
    release();
  }
}

/** The folder of a pack that was built of this checkpoint in this way. */
function findPack(
  directory: string,
  checkpoint: string,
  { precision, model, selfTest }: PackChoice,
): string | undefined {
  const built = installedPacks(directory).find(
    ({ manifest }) =>
      !(manifest instanceof PackError) &&
      manifest.source.folder === checkpoint &&
      manifest.precision === precision &&
      (model === undefined || manifest.model === model) &&
      (!selfTest || manifest.self_test !== undefined),
  );
  return built?.folder;
}

function sizeOf({ files }: KeptCheckpoint): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
