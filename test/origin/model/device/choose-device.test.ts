import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chooseDevice } from "../../../../origin/model/device/choose-device.ts";
import { cudaFolder, cudaLibraries } from "../../../../origin/model/device/cuda-provider.ts";
import { DeviceError } from "../../../../origin/model/device/device.ts";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "device-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("without the libraries for CUDA, auto is the CPU and has nothing to say about it", () => {
  expect(chooseDevice("auto", emptyFolder())).toEqual({
    device: "cpu",
    note: null,
    memoryBytes: null,
  });
  expect(chooseDevice("cpu", emptyFolder())).toEqual({
    device: "cpu",
    note: null,
    memoryBytes: null,
  });
});

test("CUDA that was asked for is never replaced", () => {
  expect(() => chooseDevice("cuda", emptyFolder())).toThrow(DeviceError);
  expect(() => chooseDevice("cuda", emptyFolder())).toThrow(
    /^DEVICE=cuda cannot be had: libonnxruntime_providers_shared\.so and .* not installed: npm run gpu:install$/,
  );
});

test.skipIf(!cudaFolder)(
  "with libraries that cannot be loaded, auto is the CPU and says why",
  () => {
    const folder = emptyFolder();
    for (const name of cudaLibraries) {
      // It needs a library beside it, where there is none now.
      copyFileSync(join(cudaFolder ?? "", "onnxruntime_binding.node"), join(folder, name));
    }

    expect(chooseDevice("auto", folder)).toEqual({
      device: "cpu",
      note: expect.stringMatching(/^no CUDA: libonnxruntime\.so\.1 not found: install CUDA 13/),
      memoryBytes: null,
    });
  },
);
