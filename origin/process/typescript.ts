import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Flags with which Node runs TypeScript, wherever it is started from. */
export const typeScriptFlags = [
  "--import",
  pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href,
];

/** The same, for a child that ends with its parent though it has no channel to it. */
export const tiedChildFlags = [
  ...typeScriptFlags,
  "--import",
  new URL("end-with-parent.ts", import.meta.url).href,
];
