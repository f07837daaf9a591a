import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPage } from "./build-page.ts";

/** The folder of the edge's assets, as wrangler.toml has it. */
export const publicFolder = fileURLToPath(new URL("../../edge/public", import.meta.url));

/** Builds the page into a folder, which then has no file of an older one. A file that is the same is not touched. */
export async function writePage(folder: string): Promise<void> {
  const files = await buildPage();
  for (const [name, contents] of files) {
    const path = join(folder, name);
    const before = await readFile(path).catch(() => undefined);
    if (before?.equals(contents)) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, contents);
  }
  const assets = join(folder, "assets");
  for (const name of await readdir(assets)) {
    if (!files.has(`assets/${name}`)) await rm(join(assets, name));
  }
}
