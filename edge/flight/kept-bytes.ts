import { createKeptBytes } from "../../shared/kept-bytes.ts";

/**
 * Of this isolate, which has 128 MB for everything that runs in it: what flights of many objects keep of their speech for
 * newcomers and for the cache, the files on their way into it included, and answers that are held back.
 */
export const keptBytes = createKeptBytes(56 * 1024 * 1024);
