import { fileURLToPath } from "node:url";

/** What runs a module in TypeScript, its first argument, in a process or a thread. */
export const runner = fileURLToPath(new URL("../run.mjs", import.meta.url));

/** For Node: has a child end with its parent though it has no channel to it. */
export const tiedChildFlags = ["--import", new URL("end-with-parent.mjs", import.meta.url).href];
