/**
 * The library that computes on CUDA. It is too large for the npm registry, so it is not there before
 * `npm run gpu:install`, and it needs libraries of NVIDIA's that only the operator can install.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The package of ONNX Runtime. */
export const runtimeFolder = dirname(
  dirname(createRequire(import.meta.url).resolve("onnxruntime-node")),
);

/** Where its libraries for CUDA belong; null on platforms that it has none for. */
export const cudaFolder: string | null =
  process.platform === "linux" && process.arch === "x64"
    ? join(runtimeFolder, "bin", "napi-v6", "linux", "x64")
    : null;

/** Needed for CUDA. */
export const cudaLibraries = [
  "libonnxruntime_providers_shared.so",
  "libonnxruntime_providers_cuda.so",
];

/** Why the libraries in a folder cannot be loaded, or null when nothing stands in the way. */
export function cudaObstacle(folder: string | null): string | null {
  if (!folder) {
    return `ONNX Runtime has CUDA for linux/x64 only, and this is ${process.platform}/${process.arch}`;
  }
  const absent = cudaLibraries.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0) return `${absent.join(" and ")} not installed: npm run gpu:install`;

  const missing = [...new Set(cudaLibraries.flatMap((name) => missingFor(join(folder, name))))];
  if (missing.length === 0) return null;
  return `${missing.join(", ")} not found: install CUDA 13 and cuDNN 9, and name their folders in LD_LIBRARY_PATH`;
}

/** The libraries that the loader does not find for one; none where there is no `ldd` to tell. */
function missingFor(library: string): string[] {
  const { stdout } = spawnSync("ldd", [library], { encoding: "utf8" });
  return [...(stdout ?? "").matchAll(/^\s*(\S+) => not found$/gm)].map(([, name = ""]) => name);
}
