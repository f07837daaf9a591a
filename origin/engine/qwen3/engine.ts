import type { Device } from "../../model/device/device.ts";
import { hugePages } from "../../process/huge-pages.ts";
import {
  createSupervisedEngine,
  type SupervisedEngine,
  type SupervisorOptions,
} from "../supervisor.ts";

/** How the child is told which pack to load. */
export const packFolderVariable = "QWEN3_PACK_FOLDER";
/** How it is told what to compute on: one of `devices`, never `auto`. */
export const deviceVariable = "QWEN3_DEVICE";

/** What the child is told of this process's environment, and what the drivers of GPUs and their loaders read. */
const passedVariables =
  /^(ENGINE_THREADS|DETERMINISTIC|LEADING_SILENCE|LD_LIBRARY_PATH|XDG_RUNTIME_DIR|(CUDA|NVIDIA|VK)_\w+)$/;

/** Several large models may be loading side by side, from a slow disk. */
const startLimitSeconds = 10 * 60;

/**
 * One call reads a prompt of a thousand tokens, or makes 8 frames for 16 listeners: a large model may take half a minute
 * on two cores.
 */
const hangLimitSeconds = 2 * 60;

interface Qwen3EngineOptions extends Pick<SupervisorOptions, "log" | "retryIntervalSeconds"> {
  packFolder: string;
  device?: Device;
  /** Where `ENGINE_THREADS` and its like are looked up; this process's environment by default. */
  env?: NodeJS.ProcessEnv;
}

/** Starts the engine that speaks with one Qwen3-TTS model: ONNX Runtime in a process of its own. */
export function createQwen3Engine(options: Qwen3EngineOptions): SupervisedEngine {
  const { packFolder, device = "cpu", env = process.env, ...supervision } = options;
  const passed = Object.entries(env).flatMap(([name, value]) =>
    value && passedVariables.test(name) ? [[name, value]] : [],
  );
  return createSupervisedEngine({
    ...supervision,
    name: "qwen3",
    device,
    startLimitSeconds,
    hangLimitSeconds,
    module: new URL("child.ts", import.meta.url),
    env: {
      ...hugePages(env),
      ...Object.fromEntries(passed),
      [deviceVariable]: device,
      [packFolderVariable]: packFolder,
    },
  });
}
