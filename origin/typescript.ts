import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Flags with which Node runs TypeScript, wherever it is started from. */
export const typeScriptFlags = [
  "--import",
  pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href,
];
