import { createHash } from "node:crypto";
import type { Device } from "../../model/device/device.ts";
import { type Manifest, packDigest } from "../../model/pack/manifest.ts";
import type { ModelRevision } from "../engine.ts";

/** Raise it when the same pack comes to sound different: with other sampling, prompts, segments or another ONNX Runtime. */
const numericsVersion = 3;

/** Names the sound of a pack on a device. The process that speaks need not run for it to be known. */
export function packRevision(manifest: Manifest, device: Device): ModelRevision {
  const revision = createHash("sha256")
    .update(JSON.stringify([packDigest(manifest), manifest.precision, device, numericsVersion]))
    .digest("hex")
    .slice(0, 16);
  return { revision, releasedAt: manifest.built_at, variant: `${manifest.precision} ${device}` };
}
