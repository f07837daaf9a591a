import * as z from "zod";
import { type AudioFormat, formatNames } from "../../shared/formats.ts";
import { type ModelId, nativeModelIds } from "../../shared/models.ts";

/** What a file must be for who asks for it by its id alone: as its URL says, and of a model that they may use. */
export const wantedFileSchema = z.object({
  format: z.enum(formatNames),
  models: z.array(z.enum(nativeModelIds)).readonly(),
});

export type WantedFile = z.infer<typeof wantedFileSchema>;

export function isWanted(
  { format, model }: { format: AudioFormat; model: ModelId },
  wanted: WantedFile,
): boolean {
  return format === wanted.format && wanted.models.includes(model);
}
