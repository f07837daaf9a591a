import {
  createModelPool,
  type ModelPool,
  type ModelPoolOptions,
} from "../../origin/engine/qwen3/model-pool.ts";
import type { ModelSlot } from "../../origin/engine/qwen3/model-slot.ts";
import type { SupervisedEngine } from "../../origin/engine/supervisor.ts";
import { createLogger } from "../../origin/log.ts";
import { childrenOf, isRunning } from "./child-processes.ts";

/** Ends with no signal. */
export const patient = new AbortController().signal;

/** The processes of this process's engines. */
export function engineProcesses(): number[] {
  return childrenOf(process.pid).filter(isRunning);
}

export interface TestPool extends ModelPool {
  /** Its first two. */
  a: ModelSlot;
  b: ModelSlot;
  /** How many processes there were each time one had been started, that one included. */
  readonly processesAtStarts: readonly number[];
}

type Required = "packs" | "startEngine" | "limitBytes";

export function createTestPool(
  options: Pick<ModelPoolOptions, Required> & Partial<ModelPoolOptions>,
): TestPool {
  const processesAtStarts: number[] = [];
  function startEngine(folder: string): SupervisedEngine {
    const engine = options.startEngine(folder);
    processesAtStarts.push(engineProcesses().length);
    return engine;
  }
  const log = createLogger("silent");
  const pool = createModelPool({ device: "cpu", maxWaitSeconds: 20, log, ...options, startEngine });
  const [a, b] = pool.slots;
  if (!a || !b) throw new Error("a pool of two models or more is needed");
  return { ...pool, a, b, processesAtStarts };
}
