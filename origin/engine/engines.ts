import { unavailable } from "../../shared/api-error.ts";
import { type ModelId, resolveModel } from "../../shared/models.ts";
import type { Logger } from "../log.ts";
import type { ChosenDevice } from "../model/device/choose-device.ts";
import type { Device } from "../model/device/device.ts";
import { defaultPrecision, suits } from "../model/generate/precision.ts";
import { installedPacks, type ServedPack, servedPacks } from "../model/pack/installed-packs.ts";
import { type Manifest, PackError } from "../model/pack/manifest.ts";
import { createBuiltinEngine, isBuiltinInstalled } from "./builtin/engine.ts";
import type { EngineChoice } from "./choice.ts";
import type { Engine } from "./engine.ts";
import type { Loan } from "./loan.ts";
import { createQwen3Engine } from "./qwen3/engine.ts";
import { createModelPool, type ModelPool } from "./qwen3/model-pool.ts";
import { estimateCost } from "./qwen3/pack-cost.ts";
import type { SupervisedEngine } from "./supervisor.ts";

/** The engines of one origin, and which of them answers for which model. */
export interface Engines {
  readonly models: Pick<ModelPool, "slots" | "slotOf" | "room">;
  /** What Qwen3 models are computed on. */
  readonly device: Device;
  /** Undefined where it is not installed, or not wanted. */
  readonly builtin: SupervisedEngine | undefined;
  /** What an operator may want to know or to install, a sentence each. */
  readonly notes: readonly string[];
  /** Which engine answers for a model, if any, and whether it could speak now. */
  answering(model: ModelId): { engine: Engine["name"] | null; loaded: boolean };
  /**
   * Lends the engine that answers for a model. It may have failed, or be starting again. Throws an ApiError (503) when there
   * is none, or it cannot be loaded soon, and the signal's reason when it is aborted before.
   */
  borrow(model: ModelId, signal: AbortSignal): Promise<Loan>;
  /** Resolves when no engine is starting for the first time any more, whether or not it could. */
  settled(): Promise<void>;
  /** Whether a request for some model could be answered now, or once its model is loaded. */
  readonly canSpeak: boolean;
  close(): Promise<void>;
}

export interface EnginesOptions {
  choice: EngineChoice;
  modelsDirectory: string;
  device: ChosenDevice;
  /** For the processes of all loaded models, in bytes. */
  modelMemoryBytes: number;
  /** How long a request may wait for its model to be loaded. */
  maxWaitSeconds: number;
  /** Whether models are loaded before anybody asks for them. */
  preload?: boolean;
  log: Logger;
}

/** Starts the engines of that choice, as far as they are installed. */
export function createEngines(options: EnginesOptions): Engines {
  const {
    choice,
    modelsDirectory,
    device: { device, note },
    modelMemoryBytes,
    maxWaitSeconds,
    preload = true,
    log,
  } = options;
  const notes: string[] = note ? [note] : [];
  const models = createModelPool({
    packs: choice === "builtin" ? [] : findPacks(),
    limitBytes: modelMemoryBytes,
    maxWaitSeconds,
    startEngine: (packFolder) => createQwen3Engine({ packFolder, device, log }),
    log,
  });
  const builtin =
    choice !== "qwen3" && isBuiltinInstalled() ? createBuiltinEngine({ log }) : undefined;
  if (choice !== "qwen3" && !builtin) {
    notes.push("no builtin engine: npm install @echogarden/espeak-ng-emscripten");
  }
  let hasSettled = false;
  const settled = Promise.allSettled([
    preload ? models.preload() : undefined,
    builtin?.started(),
  ]).then(() => {
    hasSettled = true;
  });

  function findPacks(): ServedPack[] {
    const packs = installedPacks(modelsDirectory);
    for (const { manifest } of packs) {
      if (manifest instanceof PackError) notes.push(manifest.message);
    }
    const usable = servedPacks(packs, device);
    for (const { manifest } of usable) notes.push(...adviceOn(manifest, device));
    if (usable.length === 0)
      notes.push("no Qwen3 model installed: npm run model -- pull 0.6b-custom-voice");
    return usable.filter(isSmallEnough).sort(byImportance);
  }

  function isSmallEnough({ manifest }: ServedPack): boolean {
    const { memoryBytes } = estimateCost(manifest);
    if (memoryBytes <= modelMemoryBytes) return true;
    const [needed, given] = [memoryBytes, modelMemoryBytes].map((bytes) =>
      (bytes / 1e9).toFixed(1),
    );
    notes.push(
      `${manifest.model} needs about ${needed} GB and models may take ${given}: see MODEL_MEMORY_GB`,
    );
    return false;
  }

  return {
    models,
    device,
    builtin,
    notes,
    answering(model) {
      const slot = models.slotOf(model);
      if (slot) return { engine: "qwen3", loaded: slot.state === "ready" };
      return { engine: builtin?.name ?? null, loaded: builtin?.state() === "ready" };
    },
    async borrow(model, signal) {
      const slot = models.slotOf(model);
      if (slot) return models.borrow(slot, signal);
      if (builtin) return { engine: builtin, release() {} };
      throw unavailable("model_not_loaded", `No engine here speaks ${model}.`, 60);
    },
    settled: () => settled,
    get canSpeak() {
      const states = models.slots.map(({ state }) => state);
      if (builtin?.state() === "ready" || states.includes("ready")) return true;
      return hasSettled && states.includes("unloaded");
    },
    async close() {
      await Promise.all([models.close(), builtin?.close()]);
    },
  };
}

/** The model of `tts-1`, which most clients ask for, comes before the others, and of those the one built last. */
function byImportance(a: ServedPack, b: ServedPack): number {
  const isFirst = ({ manifest }: ServedPack) =>
    Number(manifest.model === resolveModel("tts-1")?.native);
  return isFirst(b) - isFirst(a) || b.manifest.built_at - a.manifest.built_at;
}

/** What an operator may do about a pack in a precision that the device is slow in. */
function adviceOn({ model, precision, source }: Manifest, device: Device): string[] {
  if (suits(precision, device)) return [];
  const better = `npm run model -- build ${source.folder} --precision ${defaultPrecision(device)}`;
  return [`${model} in ${precision} is slow on ${device}: ${better}`];
}
