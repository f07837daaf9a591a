import { unavailable } from "../../shared/api-error.ts";
import type { ModelId } from "../../shared/models.ts";
import type { Logger } from "../log.ts";
import type { ChosenDevice } from "../model/device/choose-device.ts";
import type { Device } from "../model/device/device.ts";
import { defaultPrecision, suits } from "../model/generate/precision.ts";
import { installedPacks, type ServedPack, servedPacks } from "../model/pack/installed-packs.ts";
import { type Manifest, PackError } from "../model/pack/manifest.ts";
import { createBuiltinEngine, isBuiltinInstalled } from "./builtin/engine.ts";
import type { EngineChoice } from "./choice.ts";
import { createQwen3Engine } from "./qwen3/engine.ts";
import type { SupervisedEngine } from "./supervisor.ts";

/** The engines of one origin, and which of them answers for which model. */
export interface Engines {
  readonly all: readonly SupervisedEngine[];
  /** What an operator may want to know or to install, a sentence each. */
  readonly notes: readonly string[];
  /** The engine may still be starting, or have failed. Throws an ApiError (503) when there is none for the model. */
  forModel(model: ModelId): SupervisedEngine;
  /** Resolves when no engine is starting for the first time any more, whether or not it could. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface EnginesOptions {
  choice: EngineChoice;
  modelsDirectory: string;
  device: ChosenDevice;
  log: Logger;
}

/** Starts the engines of that choice, as far as they are installed. */
export function createEngines(options: EnginesOptions): Engines {
  const { choice, modelsDirectory, log } = options;
  const { device, note } = options.device;
  const notes: string[] = note ? [note] : [];
  const served = choice === "builtin" ? [] : findPacks();
  const packFolders = served.map(({ folder }) => folder);
  const qwen3 = served.length > 0 ? createQwen3Engine({ packFolders, device, log }) : undefined;
  const builtin =
    choice !== "qwen3" && isBuiltinInstalled() ? createBuiltinEngine({ log }) : undefined;
  if (choice !== "qwen3" && !builtin) {
    notes.push("no builtin engine: npm install @echogarden/espeak-ng-emscripten");
  }
  const all = [qwen3, builtin].filter((engine) => engine !== undefined);

  function findPacks(): ServedPack[] {
    const packs = installedPacks(modelsDirectory);
    for (const { manifest } of packs) {
      if (manifest instanceof PackError) notes.push(manifest.message);
    }
    const usable = servedPacks(packs, device);
    for (const { manifest } of usable) notes.push(...adviceOn(manifest, device));
    if (usable.length === 0)
      notes.push("no Qwen3 model installed: npm run model -- pull 0.6b-custom-voice");
    return usable;
  }

  return {
    all,
    notes,
    forModel(model) {
      const engine = served.some(({ manifest }) => manifest.model === model) ? qwen3 : builtin;
      if (engine) return engine;
      throw unavailable("model_not_loaded", `No engine here speaks ${model}.`, 60);
    },
    async settled() {
      await Promise.allSettled(all.map((engine) => engine.started()));
    },
    async close() {
      await Promise.all(all.map((engine) => engine.close()));
    },
  };
}

/** What an operator may do about a pack in a precision that the device is slow in. */
function adviceOn({ model, precision, source }: Manifest, device: Device): string[] {
  if (suits(precision, device)) return [];
  const better = `npm run model -- build ${source.folder} --precision ${defaultPrecision(device)}`;
  return [`${model} in ${precision} is slow on ${device}: ${better}`];
}
