/**
 * A device that was asked for is had or refused, and never replaced. `auto` does not take WebGPU: it is slower than CUDA
 * where there is CUDA, and a desktop's integrated GPU may be slower than its processor.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { cudaFolder, cudaLibraries, cudaObstacle } from "./cuda-provider.ts";
import { type Device, type DeviceChoice, DeviceError } from "./device.ts";
import { tryDevice } from "./try-device.ts";

export interface ChosenDevice {
  device: Device;
  /** Why `auto` did not take a GPU that this machine was prepared for. */
  note: string | null;
}

/** Tries the device where it is a GPU, which takes a second. Throws DeviceError. */
export function chooseDevice(choice: DeviceChoice): ChosenDevice {
  if (choice === "cpu") return { device: "cpu", note: null };
  if (choice === "auto") {
    const obstacle = obstacleTo("cuda");
    if (!obstacle) return { device: "cuda", note: null };
    return { device: "cpu", note: isCudaInstalled() ? `no CUDA: ${obstacle}` : null };
  }
  const obstacle = obstacleTo(choice);
  if (obstacle) throw new DeviceError(`DEVICE=${choice} cannot be had: ${obstacle}`);
  return { device: choice, note: null };
}

function obstacleTo(device: Device): string | null {
  return (device === "cuda" ? cudaObstacle(cudaFolder) : null) ?? tryDevice(device);
}

function isCudaInstalled(): boolean {
  return cudaLibraries.some((name) => cudaFolder && existsSync(join(cudaFolder, name)));
}
