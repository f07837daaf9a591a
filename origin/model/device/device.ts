/** What a model can be computed on: an execution provider of ONNX Runtime. */
export const devices = ["cpu", "cuda", "webgpu"] as const;

export type Device = (typeof devices)[number];

/** `auto` is CUDA where it can be had, else the CPU. */
export const deviceChoices = ["auto", ...devices] as const;

export type DeviceChoice = (typeof deviceChoices)[number];

/** A device that was asked for cannot be had; the message says why, and where possible what to do. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}
