import { unavailable } from "../../shared/api-error.ts";
import type { Language } from "../../shared/languages.ts";
import { type ModelId, nativeModels } from "../../shared/models.ts";
import type { Logger } from "../log.ts";
import type { ChosenDevice } from "../model/device/choose-device.ts";
import type { Device } from "../model/device/device.ts";
import { createPackRegistry } from "../model/pack/pack-registry.ts";
import type { LexiconFile } from "../text/lexicon-file.ts";
import { createBuiltinEngine, isBuiltinInstalled } from "./builtin/engine.ts";
import type { EngineChoice } from "./choice.ts";
import { withDefaultLanguage } from "./default-language.ts";
import type { Engine, ModelRevision } from "./engine.ts";
import type { Lease } from "./lease.ts";
import { choosePacks } from "./qwen3/choose-packs.ts";
import { createQwen3Engine } from "./qwen3/engine.ts";
import { createModelPool, type ModelPool } from "./qwen3/model-pool.ts";
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
  answering(model: ModelId): Answering;
  /**
   * The model that a request for `model` is spoken with: itself, or, where it is not installed and engines may stand in, one
   * that is and is of its kind, before the builtin engine. To be asked right before `borrow`: it looks for packs that are new.
   */
  spokenWith(model: ModelId): ModelId;
  /**
   * Lends the engine that answers for a model. It may have failed, or be starting again: one that failed a while ago is tried
   * again for this. Throws an ApiError (503) when there is none, or it cannot be loaded soon, and the signal's reason when
   * it is aborted before.
   */
  borrow(model: ModelId, signal: AbortSignal): Promise<Lease>;
  /** Resolves when no engine is starting for the first time any more, whether or not it could. */
  settled(): Promise<void>;
  /**
   * Whether a request for one of the installed models could be answered now, or once it has been loaded or tried again.
   * The builtin engine, which stands in for the others, counts only where none is installed.
   */
  readonly canSpeak: boolean;
  close(): Promise<void>;
}

/** What there is to answer for a model. */
export interface Answering {
  /** What it would be spoken with: itself, or another of its kind in its place. */
  model: ModelId;
  /** Null when there is none. */
  engine: Engine["name"] | null;
  /** Whether it could speak now, without being loaded first. */
  loaded: boolean;
  /** Of what it would speak, loaded or not; null when there is nothing that could, or it is not known yet. */
  revision: ModelRevision | null;
}

export interface EnginesOptions {
  choice: EngineChoice;
  modelsDirectory: string;
  device: ChosenDevice;
  /** For the processes of all loaded models, in bytes. */
  modelMemoryBytes: number;
  /** How long a request may wait for its model to be loaded. */
  maxWaitSeconds: number;
  /** What texts are spoken in whose language does not tell: English by default. */
  defaultLanguage?: Language;
  /** How words are said here: as they are written by default. */
  lexicon?: LexiconFile | null;
  /** Whether models are loaded before anybody asks for them. */
  preload?: boolean;
  /** How often packs are looked for, besides when a model is asked for that is not loaded. */
  lookIntervalSeconds?: number;
  /** See `SupervisorOptions`. */
  retryIntervalSeconds?: number;
  log: Logger;
}

const defaultLookIntervalSeconds = 5;

/** Starts the engines of that choice, as far as they are installed. */
export function createEngines(options: EnginesOptions): Engines {
  const { defaultLanguage = "english", lexicon = null } = options;
  const {
    choice,
    modelsDirectory,
    device: { device, note },
    modelMemoryBytes,
    maxWaitSeconds,
    preload = true,
    lookIntervalSeconds = defaultLookIntervalSeconds,
    log,
    ...supervision
  } = options;
  const registry = choice === "builtin" ? undefined : createPackRegistry(modelsDirectory);
  const choose = () =>
    registry
      ? choosePacks(registry.packs, device, modelMemoryBytes)
      : { packs: [], tooLarge: new Map<ModelId, string>(), notes: [] };
  let chosen = choose();
  const models = createModelPool({
    packs: chosen.packs,
    device,
    limitBytes: modelMemoryBytes,
    maxWaitSeconds,
    startEngine: (packFolder) =>
      createQwen3Engine({ packFolder, device, log: log.child({ packFolder }), ...supervision }),
    log,
  });
  const builtin =
    choice !== "qwen3" && isBuiltinInstalled()
      ? createBuiltinEngine({ log, ...supervision })
      : undefined;
  let hasSettled = false;
  const settled = Promise.allSettled([
    preload ? models.preload() : undefined,
    builtin?.started(),
  ]).then(() => {
    hasSettled = true;
  });

  /** Takes note of packs that were built, rebuilt or removed since it last looked. */
  function lookForPacks(): void {
    try {
      if (!registry?.look()) return;
    } catch (error) {
      log.error({ error: String(error) }, "the folder of the packs cannot be read");
      return;
    }
    chosen = choose();
    log.info(
      { packs: chosen.packs.map(({ folder }) => folder), notes: chosen.notes },
      "packs have changed",
    );
    models.offer(chosen.packs);
    if (preload) void models.preload();
  }

  const looking = setInterval(lookForPacks, lookIntervalSeconds * 1000).unref();

  function notes(): string[] {
    const outdated = models.slots.filter(({ isOutdated }) => isOutdated);
    return [
      ...(note ? [note] : []),
      ...chosen.notes,
      ...chosen.tooLarge.values(),
      ...outdated.map(
        ({ model }) => `the packs of ${model} have changed, and are taken once nobody uses it`,
      ),
      ...(choice === "qwen3" || builtin
        ? []
        : ["no builtin engine: npm install @echogarden/espeak-ng-emscripten"]),
    ];
  }

  /**
   * The engine for models that are not installed; undefined for those that are, even if they are too large, and for those that
   * clone: nothing has somebody's voice in their place.
   */
  function standInFor(model: ModelId): SupervisedEngine | undefined {
    if (nativeModels[model].kind === "base") return undefined;
    return models.slotOf(model) || chosen.tooLarge.has(model) ? undefined : builtin;
  }

  /** Of a model that clones, names those that could be asked in its place, with voices of their own. */
  function notSpoken(model: ModelId): string {
    const cloning = models.slots.flatMap((slot) =>
      nativeModels[slot.model].kind === "base" ? [slot.model] : [],
    );
    const isCloning = nativeModels[model].kind === "base" && cloning.length > 0;
    const others = isCloning ? `; ${cloning.join(" and ")} clones voices here` : "";
    return `No engine here speaks ${model}${others}`;
  }

  function siblingOf(model: ModelId): ModelId {
    const { kind } = nativeModels[model];
    if (choice !== "auto" || models.slotOf(model) || chosen.tooLarge.has(model)) return model;
    // A voice is cloned for the models of one size.
    if (kind === "base") return model;
    return models.slots.find((slot) => nativeModels[slot.model].kind === kind)?.model ?? model;
  }

  return {
    models,
    device,
    builtin,
    get notes() {
      return notes();
    },
    spokenWith(model) {
      if (choice === "auto" && !models.slotOf(model)) lookForPacks();
      return siblingOf(model);
    },
    answering(asked) {
      const model = siblingOf(asked);
      const slot = models.slotOf(model);
      if (slot) {
        const { state, revision } = slot;
        const loaded = state === "ready";
        const spoken =
          state === "failed" ? null : withDefaultLanguage(revision, defaultLanguage, lexicon);
        return { model, engine: "qwen3", loaded, revision: spoken };
      }
      const standIn = standInFor(model);
      const loaded = standIn?.state() === "ready";
      const revision = loaded
        ? withDefaultLanguage(standIn.revision(model), defaultLanguage, lexicon)
        : null;
      return { model, engine: standIn?.name ?? null, loaded, revision };
    },
    async borrow(model, signal) {
      if (models.slotOf(model)?.state !== "ready") lookForPacks();
      const slot = models.slotOf(model);
      if (slot) return models.borrow(slot, signal);
      const standIn = standInFor(model);
      if (standIn) {
        standIn.tryAgain();
        return { engine: standIn, release() {} };
      }
      const reason = chosen.tooLarge.get(model) ?? notSpoken(model);
      throw unavailable("model_not_loaded", `${reason}.`, 60, { repeats: true });
    },
    settled: () => settled,
    get canSpeak() {
      const { slots } = models;
      if (slots.length === 0) return builtin?.state() === "ready" || builtin?.mayTryAgain === true;
      if (slots.some(({ state }) => state === "ready")) return true;
      return hasSettled && slots.some(({ isLoadable }) => isLoadable);
    },
    async close() {
      clearInterval(looking);
      await Promise.all([models.close(), builtin?.close()]);
    },
  };
}
