import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { explainGpuError, gpuMemoryBytes } from "../../../../origin/model/device/gpu-memory.ts";
import { temporaryFolder } from "../built-model.ts";

const { PATH } = process.env;

afterEach(() => {
  process.env.PATH = PATH;
});

/** Puts a program of that name first on the path. */
function standInForNvidiaSmi(script: string): void {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "nvidia-smi"), 0o755);
  process.env.PATH = folder + delimiter + PATH;
}

it.skipIf(process.platform === "win32").each([
  ["a GPU", "echo 81559", 81_559 * 2 ** 20],
  ["several, of which the first counts", "echo 16384; echo 24576", 16_384 * 2 ** 20],
  [
    "what only the right question is answered with",
    '[ "$1" = --query-gpu=memory.total ] && echo 4',
    4 * 2 ** 20,
  ],
  ["a driver that does not run", "echo NVIDIA-SMI has failed; exit 9", null],
  ["memory that is not told", "echo '[N/A]'", null],
])("reads the memory of %s", (_, script, bytes) => {
  standInForNvidiaSmi(script);
  expect(gpuMemoryBytes()).toBe(bytes);
});

it("knows nothing where there is no such program", () => {
  process.env.PATH = temporaryFolder();
  expect(gpuMemoryBytes()).toBeNull();
});

it("says plainly that memory was short", () => {
  const cuda = "CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; expr=cudaMalloc";
  const arena = "Failed to allocate memory for requested buffer of size 1073741824";
  expect(explainGpuError(cuda)).toBe(`out of GPU memory: ${cuda}`);
  expect(explainGpuError(arena)).toBe(`out of GPU memory: ${arena}`);
  expect(explainGpuError("no such file")).toBe("no such file");
});
