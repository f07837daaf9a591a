/**
 * A device that was asked for is had or refused, and never replaced. `auto` does not take WebGPU, which differs too much
 * from machine to machine: an integrated GPU, or one that is software, is slower than the processor.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cudaFolder, cudaLibraries, cudaObstacle } from "./cuda-provider.ts";
import { type Device, type DeviceChoice, DeviceError } from "./device.ts";
import { gpuMemoryBytes } from "./gpu-memory.ts";
import { tryDevice } from "./try-device.ts";

const unknownMemory = "nvidia-smi does not say how much memory the GPU has: MODEL_MEMORY_GB should";

export interface ChosenDevice {
  device: Device;
  /** Why `auto` did not take a GPU that this machine was prepared for, or what is not known of the one it took. */
  note: string | null;
  /** Of the GPU, where what is computed has to fit into it and it is known. */
  memoryBytes: number | null;
}

/**
 * Tries the device where it is a GPU, which takes a second. `folder` is where the libraries for CUDA are. Throws
 * DeviceError.
 */
export function chooseDevice(choice: DeviceChoice, folder = cudaFolder): ChosenDevice {
  if (choice === "cpu") return { device: "cpu", note: null, memoryBytes: null };
  const device = choice === "auto" ? "cuda" : choice;
  const obstacle = (device === "cuda" ? cudaObstacle(folder) : null) ?? tryDevice(device);
  if (!obstacle) {
    const memoryBytes = device === "cuda" ? gpuMemoryBytes() : null;
    const note = device === "cuda" && memoryBytes === null ? unknownMemory : null;
    return { device, note, memoryBytes };
  }
  if (choice !== "auto") throw new DeviceError(`DEVICE=${choice} cannot be had: ${obstacle}`);
  const note = isCudaInstalled(folder) ? `no CUDA: ${obstacle}` : null;
  return { device: "cpu", note, memoryBytes: null };
}

function isCudaInstalled(folder: string | null): boolean {
  return cudaLibraries.some((name) => folder && existsSync(join(folder, name)));
}
