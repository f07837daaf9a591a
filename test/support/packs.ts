import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Precision } from "../../origin/model/generate/precision.ts";
import { buildPack } from "../../origin/model/pack/build-pack.ts";
import { pico } from "./golden-cases.ts";

export interface TemporaryModels {
  /** What an operator would set MODELS_DIR to. */
  directory: string;
  /** Builds one of the pico checkpoints, such as "0.6b-custom-voice", and returns the pack's folder. */
  build(name: string, precision?: Precision): Promise<string>;
  remove(): void;
}

/** An empty models folder for packs of the tiny checkpoints with random weights. */
export function temporaryModels(): TemporaryModels {
  const directory = mkdtempSync(join(tmpdir(), "models-test-"));
  return {
    directory,
    build: (name, precision = "float32") =>
      buildPack({
        folder: picoCheckpoint(name),
        precision,
        modelsDirectory: directory,
        selfTest: false,
      }),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

export function picoCheckpoint(name: string): string {
  return `${pico.directory}/checkpoints/pico-${name}`;
}
