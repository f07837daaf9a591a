/**
 * The installed models within a memory budget. Each that is loaded has a process of its own: loading blocks the process
 * that does it, and only the end of a process truly gives its memory back. A model is loaded when it is asked for; those
 * that nobody uses make room for it, the longest unused first. A model in use is never unloaded.
 */
import { EventEmitter, once } from "node:events";
import { type ApiError, unavailable } from "../../../shared/api-error.ts";
import type { ModelId } from "../../../shared/models.ts";
import type { Logger } from "../../log.ts";
import type { Device } from "../../model/device/device.ts";
import type { ServedPack } from "../../model/pack/installed-packs.ts";
import { createAverage } from "../average.ts";
import type { Lease } from "../lease.ts";
import type { SupervisedEngine } from "../supervisor.ts";
import { whenAborted } from "../when-aborted.ts";
import { createMemoryRoom, type MemoryRoom } from "./memory-room.ts";
import { createModelSlot, type ModelSlot } from "./model-slot.ts";

export interface ModelPool {
  /** One for each model, in the order in which their packs were given. */
  readonly slots: readonly ModelSlot[];
  readonly room: Pick<MemoryRoom, "limitBytes" | "usedBytes">;
  /**
   * Says which packs there are from now on, as in the options. A loaded model takes its new pack, or leaves with its last
   * one, as soon as nobody uses it.
   */
  offer(packs: readonly ServedPack[]): void;
  /** Loads models as far as they fit, in the order of their packs. */
  preload(): Promise<void>;
  /** Undefined when no pack of the model was given. */
  slotOf(model: ModelId): ModelSlot | undefined;
  /**
   * Lends the engine of a model, which is loaded first where it is not. Throws an ApiError (503) when that takes longer
   * than a request may wait, and the signal's reason once it is aborted.
   */
  borrow(slot: ModelSlot, signal: AbortSignal): Promise<Lease>;
  close(): Promise<void>;
}

export interface ModelPoolOptions {
  /** Of each model the best first, which is loaded unless it proves broken. */
  packs: readonly ServedPack[];
  /** What all of them are computed on. */
  device: Device;
  limitBytes: number;
  /** How long a request may wait for its model. */
  maxWaitSeconds: number;
  startEngine(folder: string): SupervisedEngine;
  log: Pick<Logger, "info" | "error">;
}

/** The longest that clients are told to wait. */
const maxRetrySeconds = 60;
/** Whoever comes back when told to, and so much later, finds the model. */
const graceSeconds = 5;

export function createModelPool(options: ModelPoolOptions): ModelPool {
  const { device, limitBytes, maxWaitSeconds, startEngine, log } = options;
  const changes = new EventEmitter().setMaxListeners(0);
  const announceChange = () => void changes.emit("change");
  const slots: ModelSlot[] = [];
  const room = createMemoryRoom(slots, limitBytes);
  /** Of the models that are being loaded, or wait for room. */
  const loads = new Map<ModelSlot, Promise<void>>();
  /** Of processes on their way out. */
  const departures = new Set<Promise<void>>();
  const leaseSeconds = createAverage(5);
  let closed = false;

  function offer(packs: readonly ServedPack[]): void {
    const models = [...slots, ...packs.map(({ manifest }) => manifest)].map(({ model }) => model);
    for (const model of new Set(models)) {
      const own = packs.filter(({ manifest }) => manifest.model === model);
      const slot = slots.find((slot) => slot.model === model);
      if (slot) slot.offer(own);
      else slots.push(createModelSlot({ packs: own, model, device, startEngine, onFree, log }));
    }
    slots.filter(({ isOutdated, isStranded }) => isOutdated || isStranded).forEach(renew);
    announceChange();
  }

  function onFree(slot: ModelSlot): void {
    announceChange();
    if (slot.isOutdated) renew(slot);
    makeRoom();
  }

  /**
   * Has a model take what there is now in the place of what it was loaded from, unless somebody uses it. Those who wait for a
   * process that is dead get the next one.
   */
  function renew(slot: ModelSlot): void {
    const { isStranded } = slot;
    if (closed || (!isStranded && (slot.users > 0 || slot.state === "loading"))) return;
    const isWanted = isStranded || slot.state === "ready";
    if (slot.engine) unload(slot);
    if (!slot.isInstalled) slots.splice(slots.indexOf(slot), 1);
    else if (isWanted) void loadAhead(slot);
  }

  async function loadAhead(slot: ModelSlot): Promise<void> {
    const release = slot.hold({ ahead: true });
    // Whoever asks for it is told what came in the way.
    await started(slot).catch(() => {});
    release();
  }

  function unload(slot: ModelSlot): void {
    log.info({ model: slot.model }, "the model is unloaded");
    const departure = slot.unload().finally(() => departures.delete(departure));
    departures.add(departure);
  }

  /** Waits until there is room, or nobody waits for the model any more, and loads it. */
  async function load(slot: ModelSlot): Promise<void> {
    for (;;) {
      if (closed) throw stopping();
      if (slot.users === 0) return;
      const others = room.inTheWayOf(slot);
      if (others) {
        others.forEach(unload);
        break;
      }
      await once(changes, "change");
    }
    await slot.load(Promise.all(departures));
    const { model, memoryBytes } = slot;
    if (slot.state === "ready") log.info({ model, memoryBytes }, "the model is loaded");
    makeRoom();
  }

  /** Models may turn out larger than they were thought to be, when they are loaded or once they have spoken. */
  function makeRoom(): void {
    for (const other of room.unused()) if (room.usedBytes > limitBytes) unload(other);
  }

  /** Requests for the same model wait for the same load. */
  function loaded(slot: ModelSlot): Promise<void> {
    const underWay = loads.get(slot);
    if (underWay) return underWay;
    const promise = load(slot).finally(() => {
      loads.delete(slot);
      announceChange();
    });
    // Those who waited for it may all have left.
    promise.catch(() => {});
    loads.set(slot, promise);
    return promise;
  }

  /** Of a model that somebody holds; else it is given up. */
  async function started(slot: ModelSlot): Promise<SupervisedEngine> {
    for (;;) {
      while (!slot.engine || slot.isLoadable || loads.has(slot)) {
        if (slot.users === 0) throw new Error(`nobody waits for ${slot.model} any more`);
        await loaded(slot);
      }
      const { engine } = slot;
      await engine.started().catch(() => {});
      // One of another pack may have taken its place meanwhile.
      if (slot.engine === engine) return engine;
    }
  }

  function lend(engine: SupervisedEngine, giveBack: () => void): Lease {
    const start = performance.now();
    return {
      engine,
      release() {
        leaseSeconds.add((performance.now() - start) / 1000);
        giveBack();
      },
    };
  }

  /** Sends a request away with a guess at when it would find its model loaded. */
  function notLoaded(slot: ModelSlot): { error: ApiError; retrySeconds: number } {
    const isLoading = slot.state === "loading";
    const waitSeconds = slot.loadSecondsLeft() + (isLoading ? 0 : leaseSeconds.value);
    const retrySeconds = Math.min(maxRetrySeconds, waitSeconds);
    const message = isLoading
      ? `${slot.model} is being loaded.`
      : `${slot.model} is not loaded, and the models in its place are in use.`;
    return { error: unavailable("model_not_loaded", message, retrySeconds), retrySeconds };
  }

  offer(options.packs);
  return {
    slots,
    room,
    offer,
    async preload() {
      const loading: Promise<void>[] = [];
      for (const slot of slots) {
        if (room.inTheWayOf(slot)?.length !== 0) continue;
        // It counts from here on, so that the next is chosen from what is left.
        loading.push(loadAhead(slot));
      }
      await Promise.all(loading);
    },
    slotOf: (model) => slots.find((slot) => slot.model === model),
    async borrow(slot, signal) {
      const release = slot.hold();
      if (slot.engine && slot.state === "ready") return lend(slot.engine, release);
      if (slot.isStranded) renew(slot);
      const tooLate = AbortSignal.timeout(maxWaitSeconds * 1000);
      try {
        const givenUp = whenAborted(AbortSignal.any([signal, tooLate]));
        return lend(await Promise.race([started(slot), givenUp]), release);
      } catch (cause) {
        if (signal.aborted || !tooLate.aborted) {
          release();
          throw cause;
        }
        const { error, retrySeconds } = notLoaded(slot);
        // Kept for whoever was told when to come back: else those who want another model could always take its place.
        setTimeout(release, (retrySeconds + graceSeconds) * 1000).unref();
        throw error;
      }
    },
    async close() {
      closed = true;
      announceChange();
      await Promise.all([...slots.map((slot) => slot.unload()), ...departures]);
    },
  };
}

function stopping(): ApiError {
  return unavailable("server_stopping", "The server is being stopped.", 1);
}
