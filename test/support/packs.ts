import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Precision } from "../../origin/model/generate/precision.ts";
import { buildPack } from "../../origin/model/pack/build-pack.ts";
import type { ModelId } from "../../shared/models.ts";
import { pico } from "./golden-cases.ts";
import { type Manner, writeLostCheckpoint } from "./lost-checkpoints.ts";

export interface TemporaryModels {
  /** What an operator would set MODELS_DIR to. */
  directory: string;
  /** Builds one of the pico checkpoints, such as "0.6b-custom-voice", and returns the pack's folder. */
  build(name: string, precision?: Precision): Promise<string>;
  /** Builds one of them to answer for another model. */
  buildAs(name: string, model: ModelId): Promise<string>;
  /** Builds a checkpoint that loses its way, to answer for that model, and returns the pack's folder. */
  buildLost(manner: Manner, model: ModelId): Promise<string>;
  remove(): void;
}

/** An empty models folder for packs of the tiny checkpoints with random weights. */
export function temporaryModels(): TemporaryModels {
  const directory = mkdtempSync(join(tmpdir(), "models-test-"));
  const packOf = (folder: string, options: { precision: Precision; model?: ModelId }) =>
    buildPack({ folder, modelsDirectory: directory, selfTest: false, ...options });
  return {
    directory,
    build: (name, precision = "float32") => packOf(picoCheckpoint(name), { precision }),
    buildAs: (name, model) => packOf(picoCheckpoint(name), { precision: "float32", model }),
    async buildLost(manner, model) {
      const folder = join(directory, `.${manner}`);
      writeLostCheckpoint(manner, picoCheckpoint("0.6b-custom-voice"), folder);
      return packOf(folder, { precision: "float32", model });
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

export function picoCheckpoint(name: string): string {
  return `${pico.directory}/checkpoints/pico-${name}`;
}
