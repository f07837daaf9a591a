import type { ModelId } from "../../../shared/models.ts";
import type { Logger } from "../../log.ts";
import type { Device } from "../../model/device/device.ts";
import type { ServedPack } from "../../model/pack/installed-packs.ts";
import type { ModelRevision } from "../engine.ts";
import type { SupervisedEngine } from "../supervisor.ts";
import { estimateCost, type PackCost, speakingBytes } from "./pack-cost.ts";
import { packRevision } from "./pack-revision.ts";

/** `loading` also while a process that died is replaced; `failed` from when that was given up until it is tried again. */
export type ModelState = "unloaded" | "loading" | "ready" | "failed";

/** One installed model: its process while it is loaded, who uses it, and what loading it takes. */
export interface ModelSlot {
  readonly model: ModelId;
  readonly state: ModelState;
  readonly engine: SupervisedEngine | undefined;
  /** Of what it speaks when it is loaded: by its process, or the best pack that there is. */
  readonly revision: ModelRevision;
  /** What its process takes when it has spoken, by the last one; estimated as long as there was none. */
  readonly memoryBytes: number;
  /** Whether another pack is to be loaded in the place of the loaded one, or none. */
  readonly isOutdated: boolean;
  /** Whether its process has died and is to be started again later, of a pack that has been replaced since. */
  readonly isStranded: boolean;
  /** Whether it has a pack. */
  readonly isInstalled: boolean;
  /** Whether the next request has it loaded: it is not, and was not given up lately, or another pack is there. */
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
  /** Says which packs there are from now on, as in the options. Without one, it goes on with the loaded one. */
  offer(packs: readonly ServedPack[]): void;
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
  /** Of this model, at least one: the best first. The next is loaded when one cannot be. */
  packs: readonly ServedPack[];
  model: ModelId;
  /** What the engine computes on. */
  device: Device;
  startEngine(folder: string): SupervisedEngine;
  /** Is called when the last user has left. */
  onFree(slot: ModelSlot): void;
  log: Pick<Logger, "error">;
}

export function createModelSlot(options: ModelSlotOptions): ModelSlot {
  const { model, device, startEngine, onFree, log } = options;
  let { packs } = options;
  let isInstalled = true;
  /** Those that could not be loaded, for as long as another is in their place. */
  const broken = new Set<ServedPack>();
  /** What loading took, where it has been seen. */
  const costs = new WeakMap<ServedPack, PackCost>();
  /** The pack of `engine`. */
  let loadedPack: ServedPack | undefined;
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

  /** The best pack that has not proved broken; the best of all when every one has. */
  function choice(): ServedPack {
    const [pack = packs[0]] = packs.filter((pack) => !broken.has(pack));
    if (!pack) throw new Error(`there is no pack of ${model}`);
    return pack;
  }

  function cost(): PackCost {
    const pack = (engine && loadedPack) || choice();
    const known = costs.get(pack) ?? estimateCost(pack.manifest);
    if (!engine || !isMeasured(engine) || engine.memoryBytes <= known.memoryBytes) return known;
    const grown = { ...known, memoryBytes: engine.memoryBytes };
    costs.set(pack, grown);
    return grown;
  }

  const hasAnother = () => packs.some((pack) => !broken.has(pack) && pack !== loadedPack);

  function isOutdated(): boolean {
    if (!isInstalled) return true;
    const [loaded, best] = [engine && loadedPack, choice()].map(
      (pack) => pack && packRevision(pack.manifest, device).revision,
    );
    // A process that died is started again with what is in its folder then.
    const isBest = engine?.state() === "ready" && engine.revision(model).revision === best;
    return loaded !== undefined && loaded !== best && !isBest;
  }

  function isStranded(): boolean {
    if (!isInstalled || isLoading || engine?.state() !== "starting") return false;
    return engine.crashes.nextStartSeconds !== null && choice() !== loadedPack;
  }

  /** Starts the process of the best pack, and of the next as long as one cannot be loaded. */
  async function start(): Promise<void> {
    if (!hasAnother()) broken.clear();
    for (;;) {
      const pack = choice();
      const previous = engine;
      if (previous && pack === loadedPack) previous.tryAgain();
      else engine = startEngine(pack.folder);
      const starting = engine;
      loadedPack = pack;
      startedAt = performance.now();
      if (!starting) return;
      if (previous !== starting) await previous?.close();
      try {
        await starting.started();
      } catch (cause) {
        // It may have been unloaded meanwhile.
        if (engine !== starting) return;
        broken.add(pack);
        if (!hasAnother()) return;
        const { folder } = pack;
        log.error(
          { model, folder, reason: String(cause) },
          "the pack could not be loaded; the next one is tried",
        );
        continue;
      }
      loads++;
      const seconds = (performance.now() - startedAt) / 1000;
      // What it came to before, it comes to again.
      const grownBytes = costs.get(pack)?.memoryBytes ?? 0;
      const memoryBytes = isMeasured(starting)
        ? Math.max(starting.memoryBytes + speakingBytes(pack.manifest), grownBytes)
        : cost().memoryBytes;
      costs.set(pack, { memoryBytes, seconds });
      return;
    }
  }

  const slot: ModelSlot = {
    model,
    get state() {
      return state();
    },
    get engine() {
      return engine;
    },
    get revision() {
      if (engine?.state() === "ready") return engine.revision(model);
      return packRevision(choice().manifest, device);
    },
    get isOutdated() {
      return isOutdated();
    },
    get isStranded() {
      return isStranded();
    },
    get isInstalled() {
      return isInstalled;
    },
    get isLoadable() {
      if (state() !== "failed") return state() === "unloaded";
      return hasAnother() || engine?.mayTryAgain === true;
    },
    get memoryBytes() {
      return cost().memoryBytes;
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
    offer(offered) {
      isInstalled = offered.length > 0;
      if (isInstalled) packs = offered;
    },
    hold({ ahead } = { ahead: false }) {
      users++;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        users--;
        if (!ahead) lastUsed = performance.now();
        if (users === 0) onFree(slot);
      };
    },
    async load(room) {
      isLoading = true;
      await room;
      // It may have been unloaded meanwhile.
      if (!isLoading) return;
      await start();
      isLoading = false;
    },
    async unload() {
      const leaving = engine;
      engine = undefined;
      isLoading = false;
      broken.clear();
      if (!leaving) return;
      unloads++;
      await leaving.close();
    },
    loadSecondsLeft() {
      const { seconds } = cost();
      if (engine?.state() !== "starting") return seconds;
      const passed = (performance.now() - startedAt) / 1000;
      return Math.max(seconds - passed, overrun * passed);
    },
  };
  return slot;
}

/** Of what lies on a GPU, a process knows nothing. */
function isMeasured({ device }: SupervisedEngine): boolean {
  return device === "cpu" || device === null;
}
