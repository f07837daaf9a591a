import * as z from "zod";
import { type ModelId, nativeModelIds } from "./models.ts";

/** One build of a model that speaks. */
export const modelRevisionSchema = z.object({
  revision: z.string(),
  /** Unix seconds; of two that take each other's place, the newer one. */
  released_at: z.int(),
  /**
   * What may speak beside it in one fleet without being older or newer: the same engine in another precision or on
   * another device. Absent where no other build may.
   */
  variant: z.string().optional(),
  /** What speaks in the place of the model: another one of its kind, or the builtin engine. Absent where it speaks itself. */
  stand_in: z.enum([...nativeModelIds, "builtin"]).optional(),
});

export type ModelRevision = z.infer<typeof modelRevisionSchema>;

/**
 * Which builds of a model speak, as the edge keeps it in KV: one of them, as edges that know of one alone read it, and
 * the others.
 */
export const revisionRecordSchema = modelRevisionSchema.extend({
  /** Unix seconds at which it is known to have spoken; noted only where there are several. */
  seen_at: z.int().optional(),
  others: z.array(modelRevisionSchema.extend({ seen_at: z.int().optional() })).optional(),
});

export type RevisionRecord = z.infer<typeof revisionRecordSchema>;

/** What an origin's `GET /health` says of the models that it speaks, loaded or not, by their native ids. */
export const spokenModelsSchema = z.record(
  z.string(),
  modelRevisionSchema.extend({ engine: z.string() }),
);

export type SpokenModels = z.infer<typeof spokenModelsSchema>;

/** What spoke for a model, if it was not the model itself. */
export function standInFor(
  model: ModelId,
  made: { engine: string; model?: ModelId | undefined },
): Pick<ModelRevision, "stand_in"> {
  if (made.engine === "builtin") return { stand_in: "builtin" };
  return made.model === undefined || made.model === model ? {} : { stand_in: made.model };
}

/** The model that a revision is one of, of those that speak for `model`. */
export function spokenModel(
  model: ModelId,
  { stand_in }: Pick<ModelRevision, "stand_in">,
): ModelId {
  return stand_in === undefined || stand_in === "builtin" ? model : stand_in;
}

export const revisionKeyPrefix = "revision:";

/** The name of a model's record in the KV namespace AUDIO. */
export function revisionKey(model: ModelId): string {
  return revisionKeyPrefix + model;
}
