import { basename } from "node:path";
import { chooseDevice } from "../../model/device/choose-device.ts";
import { DeviceError } from "../../model/device/device.ts";
import { defaultPrecision, suits } from "../../model/generate/precision.ts";
import { installedPacks } from "../../model/pack/installed-packs.ts";
import { PackError } from "../../model/pack/manifest.ts";
import { verifyPack } from "../../model/pack/verify-pack.ts";
import { readSettings } from "../../settings.ts";
import { bad, type Finding, good, note } from "./finding.ts";

/** What models are computed on, and whether each pack is what was built and suits that. */
export async function checkModels(): Promise<Finding[]> {
  const { device: choice, modelsDirectory, engine } = readSettings(process.env);
  const device = chosen(choice);
  if ("state" in device) return [device];
  const findings = [describeDevice(device)];
  for (const { folder, manifest } of installedPacks(modelsDirectory)) {
    const name = basename(folder);
    try {
      if (manifest instanceof PackError) throw manifest;
      await verifyPack(folder, manifest);
    } catch (cause) {
      if (!(cause instanceof PackError)) throw cause;
      findings.push(note("pack", `${name} cannot be used`, cause.message));
      continue;
    }
    const { model, precision } = manifest;
    if (suits(precision, device.device)) findings.push(good("pack", `${model}, ${precision}`));
    else {
      const better = defaultPrecision(device.device);
      const says = `${model} in ${precision} is slow on ${device.device}`;
      findings.push(note("pack", says, `npm run model -- pull ${model} --precision ${better}`));
    }
  }
  if (findings.some(({ check, state }) => check === "pack" && state === "good")) return findings;
  const pull = "npm run model -- pull 0.6b-custom-voice";
  const none = `no model that can speak in ${modelsDirectory}`;
  return [...findings, engine === "qwen3" ? bad("model", none, pull) : note("model", none, pull)];
}

function chosen(choice: Parameters<typeof chooseDevice>[0]) {
  try {
    return chooseDevice(choice);
  } catch (cause) {
    if (!(cause instanceof DeviceError)) throw cause;
    return bad("device", cause.message, "DEVICE=auto, or what the message says");
  }
}

function describeDevice({
  device,
  note: why,
  memoryBytes,
}: ReturnType<typeof chooseDevice>): Finding {
  const memory = memoryBytes === null ? "" : ` with ${(memoryBytes / 1e9).toFixed(0)} GB`;
  return why ? note("device", device, why) : good("device", device + memory);
}
