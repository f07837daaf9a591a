import { expect, it } from "vitest";
import { packRevision } from "../../../../origin/engine/qwen3/pack-revision.ts";
import type { Manifest } from "../../../../origin/model/pack/manifest.ts";

const manifest: Manifest = {
  format: 2,
  tool: "a test",
  model: "qwen3-tts-12hz-0.6b-custom-voice",
  precision: "int8",
  source: { folder: "nowhere", sha256: "0".repeat(64) },
  built_at: 1_790_000_000,
  shapes: { hidden_size: 1, layers: 1, codebooks: 1, sample_rate: 24_000, samples_per_frame: 1 },
  files: {
    "config.json": { bytes: 1, sha256: "c".repeat(64) },
    "codec.onnx": { bytes: 2, sha256: "a".repeat(64) },
  },
};

// Whatever changes these makes every edge speak anew what it has stored.
it.each([
  ["int8", "cpu", "42187f77823e3398"],
  ["float32", "cpu", "2752cdcc9c8fdde6"],
  ["float16", "cuda", "ca4b5f400ebe77ca"],
  ["float16", "webgpu", "2d95bbef419bfacf"],
] as const)(
  "names a pack in %s on %s, by the digests of its files",
  (precision, device, revision) => {
    const same = { ...manifest, precision, tool: "another", source: { folder: "", sha256: "" } };
    expect(packRevision(same, device)).toEqual({
      revision,
      releasedAt: 1_790_000_006,
      variant: `${precision} ${device}`,
    });
  },
);
