import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ModelId } from "../../shared/models.ts";
import { temporaryModels } from "../support/packs.ts";

export const speakingModel: ModelId = "qwen3-tts-12hz-0.6b-custom-voice";

/** The packs of an origin, which go and come back while it runs: the small ones with random weights. */
export interface ChangingPacks {
  /** Its MODELS_DIR. */
  directory: string;
  /** Takes all packs away, each for itself or with their folder, as a volume that is not mounted any more. */
  vanish(what: "packs" | "folder"): void;
  /** Puts one in the place of the model that speaks no sample of which is a number. */
  spoil(): void;
  /** Puts everything back to where it was. */
  mend(): void;
  remove(): void;
}

/** Builds the packs of a model that speaks and of one that clones voices. */
export async function buildChangingPacks(): Promise<ChangingPacks> {
  const models = temporaryModels();
  const aside = mkdtempSync(join(tmpdir(), "models-aside-"));
  const unreal = join(aside, "unreal");
  renameSync(await models.buildLost("unreal", speakingModel), unreal);
  rmSync(join(models.directory, ".unreal"), { recursive: true });
  const good = [await models.build("0.6b-custom-voice"), await models.build("0.6b-base")];
  const [speaking = ""] = good;
  const place = (path: string) => join(aside, basename(path));
  let undo: (() => void)[] = [];

  function move(from: string, to: string): void {
    renameSync(from, to);
    undo.unshift(() => renameSync(to, from));
  }

  return {
    directory: models.directory,
    vanish(what) {
      if (what === "folder") move(models.directory, join(aside, "folder"));
      else for (const folder of good) move(folder, place(folder));
    },
    spoil() {
      move(speaking, place(speaking));
      move(unreal, speaking);
    },
    mend() {
      for (const step of undo) step();
      undo = [];
    },
    remove() {
      models.remove();
      rmSync(aside, { recursive: true });
    },
  };
}
