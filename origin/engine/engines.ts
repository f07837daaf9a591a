import { unavailable } from "../../shared/api-error.ts";
import type { ModelId } from "../../shared/models.ts";
import type { Logger } from "../log.ts";
import { createBuiltinEngine, isBuiltinInstalled } from "./builtin/engine.ts";
import type { Engine } from "./engine.ts";
import type { SupervisedEngine } from "./supervisor.ts";

/** The engines of one origin, and which of them answers for which model. */
export interface Engines {
  readonly all: readonly SupervisedEngine[];
  /** What an operator may want to install, a sentence each. */
  readonly missing: readonly string[];
  /** Throws an ApiError (503) when no engine has the model, or none has it yet. */
  forModel(model: ModelId): Engine;
  /** Resolves when no engine is starting for the first time any more, whether or not it could. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Starts what is installed. The builtin engine stands in for every model. */
export function createEngines(log: Logger): Engines {
  const all: SupervisedEngine[] = [];
  const missing: string[] = [];
  if (isBuiltinInstalled()) all.push(createBuiltinEngine({ log }));
  else {
    missing.push("No builtin engine: npm install @echogarden/espeak-ng-emscripten");
  }
  return {
    all,
    missing,
    forModel(model) {
      const engine = all.find((candidate) => candidate.models().includes(model));
      if (engine) return engine;
      if (all.some((candidate) => candidate.state() === "starting")) {
        throw unavailable("engine_not_ready", "The engine is starting.", 2);
      }
      const message = [`No engine here speaks ${model}.`, ...missing].join(" ");
      throw unavailable("model_not_loaded", message, 60);
    },
    async settled() {
      await Promise.allSettled(all.map((engine) => engine.started()));
    },
    async close() {
      await Promise.all(all.map((engine) => engine.close()));
    },
  };
}
