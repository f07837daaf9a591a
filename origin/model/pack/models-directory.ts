import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Environment = Record<string, string | undefined>;

/** Where packs live: MODELS_DIR, else a folder of their own in the user's cache folder. */
export function modelsDirectory(environment: Environment = process.env): string {
  if (environment.MODELS_DIR) return resolve(environment.MODELS_DIR);
  return projectFolder("models", environment);
}

/** A folder of this project's own in the user's cache folder. */
export function projectFolder(name: string, environment: Environment = process.env): string {
  return join(cacheFolder(environment), "qwen3-tts-edge", name);
}

/** By the conventions of the platform; on Linux the XDG base directory specification. */
function cacheFolder(environment: Environment): string {
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  if (process.platform === "win32" && environment.LOCALAPPDATA) return environment.LOCALAPPDATA;
  return environment.XDG_CACHE_HOME || join(homedir(), ".cache");
}
