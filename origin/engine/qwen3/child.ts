// The process of the Qwen3 engine: loads every pack it is to serve, then speaks.
import { availableParallelism } from "node:os";
import type { Device } from "../../model/device/device.ts";
import { type LoadedPack, openPack } from "../../model/pack/open-pack.ts";
import { serve } from "../serve.ts";
import { deviceVariable, packFoldersVariable } from "./engine.ts";
import { createQwen3Synthesizer } from "./synthesizer.ts";

await serve(async () => {
  const folders: string[] = JSON.parse(process.env[packFoldersVariable] ?? "[]");
  const threads = Number(process.env.ENGINE_THREADS || availableParallelism());
  const device = (process.env[deviceVariable] ?? "cpu") as Device;
  const steady = process.env.DETERMINISTIC === "1";
  const packs: LoadedPack[] = [];
  for (const folder of folders) packs.push(await openPack(folder, { threads, device, steady }));
  return createQwen3Synthesizer(packs);
});
