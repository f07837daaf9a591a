import {
  createSupervisedEngine,
  type SupervisedEngine,
  type SupervisorOptions,
} from "../supervisor.ts";

/** How the child is told which packs to load: a JSON array of folders. */
export const packFoldersVariable = "QWEN3_PACK_FOLDERS";

interface Qwen3EngineOptions extends Pick<SupervisorOptions, "hangLimitSeconds" | "log"> {
  /** Folders of packs, one for each model. */
  packFolders: readonly string[];
  /** Where `ENGINE_THREADS` and `DETERMINISTIC` are looked up; this process's environment by default. */
  env?: NodeJS.ProcessEnv;
}

/** Starts the engine that speaks with Qwen3-TTS: ONNX Runtime in a process of its own. */
export function createQwen3Engine(options: Qwen3EngineOptions): SupervisedEngine {
  const { packFolders, env = process.env, ...supervision } = options;
  const passed = ["ENGINE_THREADS", "DETERMINISTIC"].flatMap((name) => {
    const value = env[name];
    return value ? [[name, value]] : [];
  });
  return createSupervisedEngine({
    ...supervision,
    name: "qwen3",
    module: new URL("child.ts", import.meta.url),
    env: { ...Object.fromEntries(passed), [packFoldersVariable]: JSON.stringify(packFolders) },
  });
}
