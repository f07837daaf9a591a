import { type ModelId, resolveModel } from "../../../shared/models.ts";
import type { Device } from "../../model/device/device.ts";
import { defaultPrecision, suits } from "../../model/generate/precision.ts";
import {
  type InstalledPack,
  type ServedPack,
  servedPacks,
} from "../../model/pack/installed-packs.ts";
import { type Manifest, PackError } from "../../model/pack/manifest.ts";
import { estimateCost } from "./pack-cost.ts";

/** Which of the installed packs an origin serves. */
export interface ChosenPacks {
  /** Those of the most important model first, and of each model the best first: the next is for when it cannot be loaded. */
  packs: ServedPack[];
  /** Why models that are installed are not served, a sentence each. */
  tooLarge: ReadonlyMap<ModelId, string>;
  /** What else an operator may want to know, a sentence each. */
  notes: string[];
}

/** Chooses the packs of installed models that fit in `memoryBytes` alone. */
export function choosePacks(
  installed: readonly InstalledPack[],
  device: Device,
  memoryBytes: number,
): ChosenPacks {
  const unusable = installed.flatMap(({ manifest }) =>
    manifest instanceof PackError ? [manifest.message] : [],
  );
  const usable = servedPacks(installed, device);
  const absent =
    usable.length === 0
      ? ["no Qwen3 model installed: npm run model -- pull 0.6b-custom-voice"]
      : [];

  const tooLarge = new Map<ModelId, string>();
  const packs = usable.filter(({ manifest }) => {
    const needed = estimateCost(manifest).memoryBytes;
    if (needed <= memoryBytes) return true;
    const [needs, may] = [needed, memoryBytes].map((bytes) => (bytes / 1e9).toFixed(1));
    const reason = `${manifest.model} needs about ${needs} GB and models may take ${may}: see MODEL_MEMORY_GB`;
    tooLarge.set(manifest.model, reason);
    return false;
  });
  for (const { manifest } of packs) tooLarge.delete(manifest.model);
  return {
    packs: packs.sort(byImportance),
    tooLarge,
    notes: [
      ...unusable,
      ...bestOf(usable).flatMap(({ manifest }) => adviceOn(manifest, device)),
      ...absent,
    ],
  };
}

/** The first of each model. */
function bestOf(packs: readonly ServedPack[]): ServedPack[] {
  const models = packs.map(({ manifest }) => manifest.model);
  return packs.filter(({ manifest }, index) => models.indexOf(manifest.model) === index);
}

/** The model of `tts-1`, which most clients ask for, comes before the others. */
function byImportance(a: ServedPack, b: ServedPack): number {
  const isFirst = ({ manifest }: ServedPack) =>
    Number(manifest.model === resolveModel("tts-1")?.native);
  return isFirst(b) - isFirst(a);
}

/** What an operator may do about a pack in a precision that the device is slow in. */
function adviceOn({ model, precision, source }: Manifest, device: Device): string[] {
  if (suits(precision, device)) return [];
  const better = `npm run model -- build ${source.folder} --precision ${defaultPrecision(device)}`;
  return [`${model} in ${precision} is slow on ${device}: ${better}`];
}
