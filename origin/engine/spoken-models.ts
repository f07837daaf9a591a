import type { SpokenModels } from "../../shared/model-revision.ts";
import { type ModelId, nativeModels } from "../../shared/models.ts";
import type { Engines } from "./engines.ts";

/** The models that can be spoken now, each with the engine that would and its revision. */
export function spokenModels({
  models,
  standInFor,
}: Pick<Engines, "models" | "standInFor">): SpokenModels {
  const spoken: SpokenModels = {};
  for (const model of Object.keys(nativeModels) as ModelId[]) {
    const engine = models.slotOf(model)?.engine ?? standInFor(model);
    if (engine?.state() !== "ready") continue;
    const { revision, releasedAt: released_at } = engine.revision(model);
    spoken[model] = { engine: engine.name, revision, released_at };
  }
  return spoken;
}
