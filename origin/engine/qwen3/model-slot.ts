import type { ModelId } from "../../../shared/models.ts";
import type { Device } from "../../model/device/device.ts";
import type { ServedPack } from "../../model/pack/installed-packs.ts";
import type { ModelRevision } from "../engine.ts";
import type { SupervisedEngine } from "../supervisor.ts";
import { estimateCost } from "./pack-cost.ts";
import { packRevision } from "./pack-revision.ts";

/** `loading` also while a process that died is replaced; `failed` from when that was given up until it is tried again. */
export type ModelState = "unloaded" | "loading" | "ready" | "failed";

/** One installed model: its process while it is loaded, who uses it, and what loading it takes. */
export interface ModelSlot {
  readonly model: ModelId;
  readonly state: ModelState;
  readonly engine: SupervisedEngine | undefined;
  /** Of what it speaks when it is loaded: by its pack as the origin found it, then by the process that loaded it last. */
  readonly revision: ModelRevision;
  /** What its process takes when it is loaded, by the last one; estimated as long as there was none. */
  readonly memoryBytes: number;
  /** Whether the next request has it loaded: it is not, and was not given up lately. */
  readonly isLoadable: boolean;
  /** How many times it has been loaded, and unloaded. */
  readonly loads: number;
  readonly unloads: number;
  /** Those who use it or wait for it. */
  readonly users: number;
  /** Whether it has a process that nobody uses or waits for. */
  readonly isUnused: boolean;
  /** By the clock of `performance.now()`; 0 when it never was. */
  readonly lastUsed: number;
  /** Counts one more user until the function it returns is called: its last use, unless it loads ahead of any. */
  hold(options?: { ahead: boolean }): () => void;
  /** Starts a process, or the one that failed again, once there is room. Resolves when the model is ready, or has failed. */
  load(room: Promise<unknown>): Promise<void>;
  /** Resolves when the process is gone; the model counts as unloaded at once. */
  unload(): Promise<void>;
  /** A guess at how long it will be until the model is ready. */
  loadSecondsLeft(): number;
}

/** Of the time that a load has taken already, what it is thought to take yet when it takes longer than usual. */
const overrun = 0.25;

interface ModelSlotOptions {
  pack: ServedPack;
  /** What the engine computes on. */
  device: Device;
  startEngine(folder: string): SupervisedEngine;
  /** Is called when the last user has left. */
  onFree(): void;
}

export function createModelSlot(options: ModelSlotOptions): ModelSlot {
  const {
    pack: { manifest, folder },
    device,
    startEngine,
    onFree,
  } = options;
  const { model } = manifest;
  let revision = packRevision(manifest, device);
  let { memoryBytes, seconds: loadSeconds } = estimateCost(manifest);
  let engine: SupervisedEngine | undefined;
  let isLoading = false;
  let startedAt = 0;
  let lastUsed = 0;
  let users = 0;
  let loads = 0;
  let unloads = 0;

  function state(): ModelState {
    const engineState = engine?.state();
    if (isLoading || engineState === "starting") return "loading";
    return engineState ?? "unloaded";
  }

  return {
    model,
    get state() {
      return state();
    },
    get engine() {
      return engine;
    },
    get revision() {
      return engine?.state() === "ready" ? engine.revision(model) : revision;
    },
    get isLoadable() {
      return state() === "unloaded" || (state() === "failed" && engine?.mayTryAgain === true);
    },
    get memoryBytes() {
      return memoryBytes;
    },
    get loads() {
      return loads;
    },
    get unloads() {
      return unloads;
    },
    get users() {
      return users;
    },
    get isUnused() {
      return users === 0 && !isLoading && engine !== undefined && engine.state() !== "failed";
    },
    get lastUsed() {
      return lastUsed;
    },
    hold({ ahead } = { ahead: false }) {
      users++;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        users--;
        if (!ahead) lastUsed = performance.now();
        if (users === 0) onFree();
      };
    },
    async load(room) {
      isLoading = true;
      await room;
      // It may have been unloaded meanwhile.
      if (!isLoading) return;
      startedAt = performance.now();
      if (engine) engine.tryAgain();
      else engine = startEngine(folder);
      try {
        await engine.started();
        loads++;
        revision = engine.revision(model);
        loadSeconds = (performance.now() - startedAt) / 1000;
        // Of what lies on a GPU, a process knows nothing.
        if (engine.device === "cpu" || !engine.device) memoryBytes = engine.memoryBytes;
      } catch {
        // Its state says so, and whoever is lent the engine is told.
      }
      isLoading = false;
    },
    async unload() {
      const leaving = engine;
      engine = undefined;
      isLoading = false;
      if (!leaving) return;
      unloads++;
      await leaving.close();
    },
    loadSecondsLeft() {
      if (engine?.state() !== "starting") return loadSeconds;
      const passed = (performance.now() - startedAt) / 1000;
      return Math.max(loadSeconds - passed, overrun * passed);
    },
  };
}
