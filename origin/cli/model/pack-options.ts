import { type ModelId, nativeModels } from "../../../shared/models.ts";
import { type Precision, precisions } from "../../model/generate/precision.ts";

/** The options of every command that builds a pack, as parseArgs takes them. */
export const packOptions = {
  precision: { type: "string", default: "int8" },
  model: { type: "string" },
} as const;

export interface PackChoice {
  precision: Precision;
  /** The model the pack answers for; absent, the checkpoint decides. */
  model?: ModelId;
}

/** Checks what parseArgs has read. Throws an Error fit for the user. */
export function packChoice(values: { precision: string; model?: string | undefined }): PackChoice {
  const { precision, model } = values;
  if (!isKeyOf(precisions, precision)) {
    throw new Error(`--precision must be one of ${Object.keys(precisions).join(", ")}`);
  }
  if (model === undefined) return { precision };
  if (!isKeyOf(nativeModels, model)) {
    throw new Error(`--model must be one of ${Object.keys(nativeModels).join(", ")}`);
  }
  return { precision, model };
}

function isKeyOf<Table extends object>(table: Table, name: string): name is keyof Table & string {
  return Object.hasOwn(table, name);
}
