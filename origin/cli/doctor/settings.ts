import { installedPacks } from "../../model/pack/installed-packs.ts";
import { readSettings } from "../../settings.ts";
import { readDevVars, readEdgeSettings } from "../edge-settings.ts";
import { type Finding, good } from "./finding.ts";

/** Whether origin and edge would start with the settings there are. Throws what they would say. */
export async function checkSettings(): Promise<Finding[]> {
  const { modelsDirectory } = readSettings(process.env);
  installedPacks(modelsDirectory);
  readEdgeSettings(process.env, await readDevVars());
  return [good("settings", "as they should be")];
}
