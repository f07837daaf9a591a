/**
 * The installed models within a memory budget. Each that is loaded has a process of its own: loading blocks the process
 * that does it, and only the end of a process truly gives its memory back. A model is loaded when it is asked for; those
 * that nobody uses make room for it, the longest unused first. A model in use is never unloaded.
 */
import { EventEmitter, once } from "node:events";
import { type ApiError, unavailable } from "../../../shared/api-error.ts";
import type { ModelId } from "../../../shared/models.ts";
import { createAverage } from "../../average.ts";
import type { Logger } from "../../log.ts";
import type { Device } from "../../model/device/device.ts";
import type { ServedPack } from "../../model/pack/installed-packs.ts";
import { whenAborted } from "../../when-aborted.ts";
import type { Loan } from "../loan.ts";
import type { SupervisedEngine } from "../supervisor.ts";
import { createMemoryRoom, type MemoryRoom } from "./memory-room.ts";
import { createModelSlot, type ModelSlot } from "./model-slot.ts";

export interface ModelPool {
  /** One for each model, in the order in which their packs were given. */
  readonly slots: readonly ModelSlot[];
  readonly room: Pick<MemoryRoom, "limitBytes" | "usedBytes">;
  /** Loads models as far as they fit, in the order of their packs. */
  preload(): Promise<void>;
  /** Undefined when no pack of the model was given. */
  slotOf(model: ModelId): ModelSlot | undefined;
  /**
   * Lends the engine of a model, which is loaded first where it is not. Throws an ApiError (503) when that takes longer
   * than a request may wait, and the signal's reason once it is aborted.
   */
  borrow(slot: ModelSlot, signal: AbortSignal): Promise<Loan>;
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
  const { packs, device, limitBytes, maxWaitSeconds, startEngine, log } = options;
  const changes = new EventEmitter().setMaxListeners(0);
  const announceChange = () => void changes.emit("change");
  const models = [...new Set(packs.map(({ manifest }) => manifest.model))];
  const slots = models.map((model) =>
    createModelSlot({
      packs: packs.filter(({ manifest }) => manifest.model === model),
      model,
      device,
      startEngine,
      onFree: announceChange,
      log,
    }),
  );
  const room = createMemoryRoom(slots, limitBytes);
  /** Of the models that are being loaded, or wait for room. */
  const loads = new Map<ModelSlot, Promise<void>>();
  /** Of processes on their way out. */
  const departures = new Set<Promise<void>>();
  const loanSeconds = createAverage(5);
  let closed = false;

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
    // It may have turned out larger than it was thought to be.
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
    while (!slot.engine || slot.isLoadable) {
      if (slot.users === 0) throw new Error(`nobody waits for ${slot.model} any more`);
      await loaded(slot);
    }
    const { engine } = slot;
    await engine.started().catch(() => {});
    return engine;
  }

  function lend(engine: SupervisedEngine, giveBack: () => void): Loan {
    const start = performance.now();
    return {
      engine,
      release() {
        loanSeconds.add((performance.now() - start) / 1000);
        giveBack();
      },
    };
  }

  /** Sends a request away with a guess at when it would find its model loaded. */
  function notLoaded(slot: ModelSlot): { error: ApiError; retrySeconds: number } {
    const isLoading = slot.state === "loading";
    const waitSeconds = slot.loadSecondsLeft() + (isLoading ? 0 : loanSeconds.value);
    const retrySeconds = Math.min(maxRetrySeconds, waitSeconds);
    const message = isLoading
      ? `${slot.model} is being loaded.`
      : `${slot.model} is not loaded, and the models in its place are in use.`;
    return { error: unavailable("model_not_loaded", message, retrySeconds), retrySeconds };
  }

  return {
    slots,
    room,
    async preload() {
      const loading: Promise<unknown>[] = [];
      for (const slot of slots) {
        if (room.inTheWayOf(slot)?.length !== 0) continue;
        const release = slot.hold({ ahead: true });
        // It counts from here on, so that the next is chosen from what is left.
        loading.push(started(slot).finally(release));
      }
      await Promise.allSettled(loading);
    },
    slotOf: (model) => slots.find((slot) => slot.model === model),
    async borrow(slot, signal) {
      const release = slot.hold();
      if (slot.engine && slot.state === "ready") return lend(slot.engine, release);
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
