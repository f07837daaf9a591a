import { createHash } from "node:crypto";
import type { Device } from "../../model/device/device.ts";
import { type Manifest, packDigest } from "../../model/pack/manifest.ts";
import { frontEndVersion } from "../../text/front-end.ts";
import type { ModelRevision } from "../engine.ts";
import { isLeadingSilenceCut } from "./leading-silence.ts";

/** Raise it when the same pack comes to sound different: with other sampling, prompts, segments or another ONNX Runtime. */
const numericsVersion = 3;

const versions = [numericsVersion, frontEndVersion];

/**
 * Names the sound of a pack on a device. The process that speaks need not run for it to be known. A pack that comes to
 * sound different is newer than it was, if by a second or so: it has to take its own place in caches.
 */
export function packRevision(manifest: Manifest, device: Device): ModelRevision {
  // One setting makes the difference, so neither is the newer.
  const leadIn = isLeadingSilenceCut(manifest) ? ["cut"] : [];
  const parts = [packDigest(manifest), manifest.precision, device, ...versions, ...leadIn];
  const revision = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
  const releasedAt = versions.reduce((sum, version) => sum + version, manifest.built_at);
  return { revision, releasedAt, variant: [manifest.precision, device, ...leadIn].join(" ") };
}
