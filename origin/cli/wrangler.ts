import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The installed wrangler, for Node to run. */
export const wranglerProgram = join(
  dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
  "bin/wrangler.js",
);

/** Where wrangler.toml is. */
export const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
