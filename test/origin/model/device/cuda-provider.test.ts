import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  cudaFolder,
  cudaLibraries,
  cudaObstacle,
} from "../../../../origin/model/device/cuda-provider.ts";

const isLinux = process.platform === "linux" && process.arch === "x64";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cuda-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("a library that is not there is named, with the command that installs it", () => {
  const folder = emptyFolder();
  expect(cudaObstacle(folder)).toBe(
    "libonnxruntime_providers_shared.so and libonnxruntime_providers_cuda.so not installed: npm run gpu:install",
  );

  writeFileSync(join(folder, "libonnxruntime_providers_shared.so"), "");
  expect(cudaObstacle(folder)).toBe(
    "libonnxruntime_providers_cuda.so not installed: npm run gpu:install",
  );
});

test.skipIf(!isLinux)("what the libraries need and the loader does not find is named", () => {
  const folder = emptyFolder();
  // It needs a library beside it, where there is none now.
  const binding = join(cudaFolder ?? "", "onnxruntime_binding.node");
  for (const name of cudaLibraries) copyFileSync(binding, join(folder, name));

  expect(cudaObstacle(folder)).toBe(
    "libonnxruntime.so.1 not found: install CUDA 13 and cuDNN 9, and name their folders in LD_LIBRARY_PATH",
  );
});

test.skipIf(!isLinux)("nothing stands in the way of libraries that can be loaded", () => {
  const folder = emptyFolder();
  const names = ["onnxruntime_binding.node", "libonnxruntime.so.1"];
  for (const name of names) copyFileSync(join(cudaFolder ?? "", name), join(folder, name));
  for (const name of cudaLibraries) {
    copyFileSync(join(folder, "onnxruntime_binding.node"), join(folder, name));
  }

  expect(cudaObstacle(folder)).toBeNull();
});

test("a platform without CUDA is named", () => {
  expect(cudaObstacle(null)).toBe(
    `ONNX Runtime has CUDA for linux/x64 only, and this is ${process.platform}/${process.arch}`,
  );
});
