import { type SpokenModels, standInFor } from "../../shared/model-revision.ts";
import { nativeModelIds } from "../../shared/models.ts";
import type { Engines } from "./engines.ts";

/** The models that are spoken here, loaded or not, each with the engine that would speak it and its revision. */
export function spokenModels({ answering }: Pick<Engines, "answering">): SpokenModels {
  const spoken: SpokenModels = {};
  for (const model of nativeModelIds) {
    const { engine, revision, model: spoken_with } = answering(model);
    if (!engine || !revision) continue;
    const { releasedAt: released_at, ...rest } = revision;
    spoken[model] = {
      engine,
      released_at,
      ...rest,
      ...standInFor(model, { engine, model: spoken_with }),
    };
  }
  return spoken;
}
