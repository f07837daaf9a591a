// The process of one Qwen3 model: loads its pack, then speaks.
import { availableParallelism } from "node:os";
import type { Device } from "../../model/device/device.ts";
import { explainGpuError } from "../../model/device/gpu-memory.ts";
import { serve } from "../serve.ts";
import { deviceVariable, packFolderVariable } from "./engine.ts";

// To end a thread in the midst of a call of ONNX Runtime is to abort, with a message on standard error. Nothing is left to do here.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));

await serve(async (report) => {
  // Loaded here, so that what is wrong with ONNX Runtime is told and not tried again.
  const { openPack } = await import("../../model/pack/open-pack.ts");
  const { createQwen3Synthesizer } = await import("./synthesizer.ts");
  const { warmUp } = await import("./warm-up.ts");
  const folder = process.env[packFolderVariable] ?? "";
  const threads = Number(process.env.ENGINE_THREADS || availableParallelism());
  const device = (process.env[deviceVariable] ?? "cpu") as Device;
  const steady = process.env.DETERMINISTIC === "1";
  try {
    const apart = device === "cpu";
    const pack = await openPack(folder, { threads, device, steady, apart });
    await warmUp(pack);
    return createQwen3Synthesizer(pack, report);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(device === "cpu" ? message : explainGpuError(message), { cause });
  }
});
