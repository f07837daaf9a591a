import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Puts a shell script under a player's name into a folder of its own, for the PATH, and returns that folder. */
export async function installPlayer(folder: string, name: string, script: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return bin;
}
