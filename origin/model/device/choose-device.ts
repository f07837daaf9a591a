/**
 * A device that was asked for is had or refused, and never replaced. `auto` does not take WebGPU, which differs too much
 * from machine to machine: an integrated GPU, or one that is software, is slower than the processor.
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

/**
 * Tries the device where it is a GPU, which takes a second. `folder` is where the libraries for CUDA are. Throws
 * DeviceError.
 */
export function chooseDevice(choice: DeviceChoice, folder = cudaFolder): ChosenDevice {
  if (choice === "cpu") return { device: "cpu", note: null };
  const device = choice === "auto" ? "cuda" : choice;
  const obstacle = (device === "cuda" ? cudaObstacle(folder) : null) ?? tryDevice(device);
  if (!obstacle) return { device, note: null };
  if (choice !== "auto") throw new DeviceError(`DEVICE=${choice} cannot be had: ${obstacle}`);
  return { device: "cpu", note: isCudaInstalled(folder) ? `no CUDA: ${obstacle}` : null };
}

function isCudaInstalled(folder: string | null): boolean {
  return cudaLibraries.some((name) => folder && existsSync(join(folder, name)));
}
