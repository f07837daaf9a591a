import * as z from "zod";
import type { ModelId } from "./models.ts";

/** Which build of a model speaks, as the edge keeps it in KV. */
export const revisionRecordSchema = z.object({
  revision: z.string(),
  /** Unix seconds; of two, the newer one replaces the older. */
  released_at: z.int(),
});

export type RevisionRecord = z.infer<typeof revisionRecordSchema>;

/** What an origin's `GET /health` says of the models that it speaks, loaded or not, by their native ids. */
export const spokenModelsSchema = z.record(
  z.string(),
  revisionRecordSchema.extend({ engine: z.string() }),
);

export type SpokenModels = z.infer<typeof spokenModelsSchema>;

export const revisionKeyPrefix = "revision:";

/** The name of a model's record in the KV namespace AUDIO. */
export function revisionKey(model: ModelId): string {
  return revisionKeyPrefix + model;
}
