import type { ModelId } from "../../../shared/models.ts";
import { runSelfTest } from "../../engine/qwen3/self-test/self-test.ts";
import { chooseDevice } from "../../model/device/choose-device.ts";
import { defaultPrecision, type Precision, precisions } from "../../model/generate/precision.ts";
import type { SelfTest } from "../../model/pack/build-pack.ts";
import { readCatalogue, readDevice, readThreads } from "../../settings.ts";
import { readModel } from "../read-model.ts";

/** The options of every command that builds a pack, as parseArgs takes them. */
export const packOptions = {
  precision: { type: "string" },
  model: { type: "string" },
  "no-self-test": { type: "boolean", default: false },
} as const;

export interface PackChoice {
  precision: Precision;
  /** The model the pack answers for; absent, the checkpoint decides. */
  model?: ModelId;
  /** How the pack is spoken with before it may be served. */
  selfTest: SelfTest | false;
}

/** Checks what parseArgs has read. Throws an Error fit for the user. */
export function packChoice(values: {
  precision?: string | undefined;
  model?: string | undefined;
  "no-self-test": boolean;
}): PackChoice {
  // Told before a build of minutes, at whose end the pack is spoken with.
  readThreads(process.env);
  const { precision = precisionHere(), model, "no-self-test": isUntested } = values;
  if (!isKeyOf(precisions, precision)) {
    throw new Error(`--precision must be one of ${Object.keys(precisions).join(", ")}`);
  }
  const choice = { precision, selfTest: isUntested ? (false as const) : runSelfTest };
  if (model === undefined) return choice;
  return { ...choice, model: readModel(model, readCatalogue(process.env)) };
}

function isKeyOf<Table extends object>(table: Table, name: string): name is keyof Table & string {
  return Object.hasOwn(table, name);
}

/** What suits the device that the origin would speak on with this environment. */
function precisionHere(): Precision {
  return defaultPrecision(chooseDevice(readDevice(process.env)).device);
}
