import { parseArgs } from "node:util";
import {
  downloadCheckpoint,
  type KeptCheckpoint,
} from "../../model/download/download-checkpoint.ts";
import { findRepository, type Source, shortNames } from "../../model/download/find-repository.ts";
import { formatBytes } from "../../model/download/format-bytes.ts";
import { createHub } from "../../model/download/hub.ts";
import { repositoryFolder } from "../../model/download/kept-checkpoints.ts";
import { acquireLock } from "../../model/download/lock.ts";
import { storageError } from "../../model/download/storage-error.ts";
import { buildPack } from "../../model/pack/build-pack.ts";
import { installedPacks } from "../../model/pack/installed-packs.ts";
import { PackError } from "../../model/pack/manifest.ts";
import { modelsDirectory } from "../../model/pack/models-directory.ts";
import { largestPackBytes } from "../../model/pack/pack-size.ts";
import { listenForStop } from "../stop-signals.ts";
import { createDownloadReport } from "./download-report.ts";
import { type PackChoice, packChoice, packOptions } from "./pack-options.ts";

interface Pull {
  source: Source;
  /** The pack to build; undefined for none. */
  pack: PackChoice | undefined;
  directory: string;
}

/** `model pull NAME`: downloads a published checkpoint and builds it into a pack. */
export async function pull(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
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
  const source = findRepository(name, values.revision);
  const directory = modelsDirectory();
  try {
    await pullOnce({ source, pack: values["no-build"] ? undefined : choice, directory });
  } catch (cause) {
    throw storageError(cause, directory);
  }
}

async function pullOnce({ source, pack, directory }: Pull): Promise<void> {
  const lockPath = `${repositoryFolder(directory, source.id)}.lock`;
  const lock = acquireLock(lockPath, `Another pull of ${source.id}`);
  try {
    const checkpoint = await download({ source, pack, directory });
    const { folder } = checkpoint;
    const size = formatBytes(sizeOf(checkpoint));
    if (pack === undefined) {
      process.stdout.write(`${folder}\n`);
      return;
    }
    const present = findPack(directory, folder, pack);
    if (present !== undefined) {
      const command = `npm run model -- build ${folder} --precision ${pack.precision}`;
      process.stderr.write(`The pack is there. To build it anew: ${command}\n`);
      process.stdout.write(`${present}\n`);
      return;
    }
    const target = await buildPack({
      folder,
      ...pack,
      modelsDirectory: directory,
      onProgress: (step) => process.stderr.write(`${step}\n`),
    });
    process.stderr.write(
      `The checkpoint, ${size} in ${folder}, is kept for other builds; the pack works without it.\n`,
    );
    process.stdout.write(`${target}\n`);
  } finally {
    lock.release();
  }
}

/** While it runs, a signal to stop ends it in order, with what has arrived kept. */
async function download({ source, pack, directory }: Pull): Promise<KeptCheckpoint> {
  const report = createDownloadReport(process.stderr);
  const stop = listenForStop();
  try {
    const checkpoint = await downloadCheckpoint({
      hub: createHub(process.env),
      source,
      modelsDirectory: directory,
      reserveBytes: (checkpoint) =>
        pack === undefined || findPack(directory, checkpoint.folder, pack) !== undefined
          ? 0
          : largestPackBytes(sizeOf(checkpoint), pack.precision),
      report,
      signal: stop.signal,
    });
    stop.signal.throwIfAborted();
    return checkpoint;
  } catch (cause) {
    report.clear();
    if (!stop.signal.aborted) throw cause;
    throw new Error("Interrupted. What has arrived is kept: the same command goes on from there.", {
      cause,
    });
  } finally {
    stop.release();
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
