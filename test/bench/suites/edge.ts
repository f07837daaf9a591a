import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runner } from "../../../origin/process/programs.ts";
import type { Row } from "../measure/suite.ts";

/** What the edge costs beside a bare Worker: `bench:edge`, in a process of its own. Ratios are to the bare Worker's time. */
export async function measureEdge(): Promise<Row[]> {
  const room = mkdtempSync(join(tmpdir(), "bench-edge-"));
  const path = join(room, "rows.json");
  try {
    const program = fileURLToPath(new URL("../edge/run.ts", import.meta.url));
    const arguments_ = [runner, program, "--rows", path];
    const child = spawn(process.execPath, arguments_, { stdio: ["ignore", 2, 2] });
    const [code] = await once(child, "exit");
    // A gate that is missed says so, and does not keep the figures back.
    if (code !== 0) process.exitCode = 1;
    return JSON.parse(readFileSync(path, "utf8"));
  } finally {
    rmSync(room, { recursive: true });
  }
}
