// The process of one Qwen3 model: loads its pack, then speaks.
import { availableParallelism } from "node:os";
import type { Device } from "../../model/device/device.ts";
import { serve } from "../serve.ts";
import { deviceVariable, packFolderVariable } from "./engine.ts";

await serve(async () => {
  // Loaded here, so that what is wrong with ONNX Runtime is told and not tried again.
  const { openPack } = await import("../../model/pack/open-pack.ts");
  const { createQwen3Synthesizer } = await import("./synthesizer.ts");
  const folder = process.env[packFolderVariable] ?? "";
  const threads = Number(process.env.ENGINE_THREADS || availableParallelism());
  const device = (process.env[deviceVariable] ?? "cpu") as Device;
  const steady = process.env.DETERMINISTIC === "1";
  return createQwen3Synthesizer(await openPack(folder, { threads, device, steady }));
});
