import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  directory: string;
  remove(): void;
}

/** Mounts a file system in memory with so much room; undefined where this user may not. */
export function mountSmallDisk(kibibytes: number): SmallDisk | undefined {
  const directory = mkdtempSync(join(tmpdir(), "small-disk-"));
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { stdio: "ignore" });
  try {
    run("mount", "-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", directory);
  } catch {
    rmdirSync(directory);
    return undefined;
  }
  // It would outlive a run that is interrupted, whose programs may still write to it.
  const abandon = () => {
    run("umount", "--lazy", directory);
    rmdirSync(directory);
  };
  process.once("exit", abandon);
  return {
    directory,
    remove() {
      run("umount", directory);
      rmdirSync(directory);
      process.off("exit", abandon);
    },
  };
}
