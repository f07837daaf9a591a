import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runner, tiedChildFlags } from "../../process/programs.ts";
import type { Device } from "./device.ts";

/** Longer than a driver takes to wake a GPU. */
const trialSeconds = 60;

/**
 * Opens a session on a device, in a process of its own since drivers may end theirs, and returns why it could not be,
 * or null. Blocks meanwhile.
 */
export function tryDevice(device: Device): string | null {
  const program = fileURLToPath(new URL("device-trial.ts", import.meta.url));
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    [...tiedChildFlags, runner, program, device],
    { encoding: "utf8", timeout: trialSeconds * 1000, killSignal: "SIGKILL" },
  );
  if (status === 0) return null;
  return reasonIn(stdout ?? "") || `the trial ended with ${signal ?? `exit code ${status}`}`;
}

/** Of an error of ONNX Runtime, in one line: what it says after its place in the source and the condition that failed. */
function reasonIn(message: string): string {
  const [line = ""] = message.trim().split("\n");
  return line.replace(/^.* was false\. /, "").replace(/ ; GPU=.*$/, "");
}
