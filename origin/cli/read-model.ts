import { type Catalogue, modelNames } from "../../shared/catalogue.ts";
import type { ModelId } from "../../shared/models.ts";
import { brief } from "../../shared/wire-values.ts";

/** Reads the option `--model`, by any name that the API takes. Throws an Error that lists what there is. */
export function readModel(name: string, catalogue: Catalogue): ModelId {
  const model = catalogue.resolveModel(name);
  if (model) return model.native;
  throw new Error(`--model must be one of ${modelNames(catalogue).join(", ")}; got ${brief(name)}`);
}
