// espeak-ng is GPL-3 and therefore an optional dependency: nothing in this process imports it, and an origin without
// it starts without this engine.
import { createRequire } from "node:module";
import {
  createSupervisedEngine,
  type SupervisedEngine,
  type SupervisorOptions,
} from "../supervisor.ts";

/**
 * It gives up its turn after each piece of a text, which takes milliseconds. One that is silent for so long is stopped or hangs, or its
 * machine is overloaded: newcomers are better served elsewhere, or later. It is killed only when that goes on.
 */
const lateAfterSeconds = 2;

interface BuiltinEngineOptions extends Pick<SupervisorOptions, "log" | "retryIntervalSeconds"> {
  /** Where `BUILTIN_PACE` is looked up; this process's environment by default. */
  env?: NodeJS.ProcessEnv;
}

/** Whether `@echogarden/espeak-ng-emscripten` is there to be used. */
export function isBuiltinInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve("@echogarden/espeak-ng-emscripten");
    return true;
  } catch {
    return false;
  }
}

/** Starts the engine that needs no model: espeak-ng, in a process of its own. It stands in for every model but those that clone. */
export function createBuiltinEngine(options: BuiltinEngineOptions = {}): SupervisedEngine {
  const { env = process.env, ...supervision } = options;
  return createSupervisedEngine({
    ...supervision,
    name: "builtin",
    lateAfterSeconds,
    refusesWhenLate: true,
    module: new URL("child.ts", import.meta.url),
    env: env.BUILTIN_PACE ? { BUILTIN_PACE: env.BUILTIN_PACE } : {},
  });
}
