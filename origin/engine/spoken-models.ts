import type { SpokenModels } from "../../shared/model-revision.ts";
import { nativeModelIds } from "../../shared/models.ts";
import type { Engines } from "./engines.ts";

/** The models that are spoken here, loaded or not, each with the engine that would speak it and its revision. */
export function spokenModels({ answering }: Pick<Engines, "answering">): SpokenModels {
  const spoken: SpokenModels = {};
  for (const model of nativeModelIds) {
    const { engine, revision } = answering(model);
    if (!engine || !revision) continue;
    spoken[model] = { engine, revision: revision.revision, released_at: revision.releasedAt };
  }
  return spoken;
}
