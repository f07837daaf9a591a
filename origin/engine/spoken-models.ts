import { ApiError } from "../../shared/api-error.ts";
import type { SpokenModels } from "../../shared/model-revision.ts";
import { type ModelId, nativeModels } from "../../shared/models.ts";
import type { Engines } from "./engines.ts";

/** The models that can be spoken now, each with the engine that would and its revision. */
export function spokenModels({ forModel }: Pick<Engines, "forModel">): SpokenModels {
  const spoken: SpokenModels = {};
  for (const model of Object.keys(nativeModels) as ModelId[]) {
    try {
      const engine = forModel(model);
      const { revision, releasedAt: released_at } = engine.revision(model);
      if (engine.state() !== "ready") continue;
      spoken[model] = { engine: engine.name, revision, released_at };
    } catch (cause) {
      // 503: nothing speaks it, or not yet.
      if (!(cause instanceof ApiError)) throw cause;
    }
  }
  return spoken;
}
