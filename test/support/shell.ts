import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Names those of the programs that are not on the PATH. */
export function missingPrograms(...programs: string[]): string[] {
  return programs.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
}

export interface ShellResult {
  stdout: string;
  /** The files it has left in its folder, by their names. */
  files: Map<string, Buffer>;
}

/** Runs a command line in a folder of its own, as somebody who copies it from a document does. Rejects when it fails. */
export async function runShell(commandLine: string): Promise<ShellResult> {
  const directory = await mkdtemp(join(tmpdir(), "shell-"));
  try {
    const { stdout } = await promisify(execFile)("sh", ["-c", commandLine], { cwd: directory });
    const files = new Map<string, Buffer>();
    for (const name of await readdir(directory)) {
      files.set(name, await readFile(join(directory, name)));
    }
    return { stdout, files };
  } finally {
    await rm(directory, { recursive: true });
  }
}
