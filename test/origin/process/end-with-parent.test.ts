import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { tiedChildFlags } from "../../../origin/process/programs.ts";
import { isRunning } from "../../support/child-processes.ts";

test("a child without a channel to its parent ends with it, however the parent ends", async (context) => {
  if (process.platform !== "linux") return context.skip("processes are looked at in /proc");
  const child = [...tiedChildFlags, "-e", "console.log(process.pid); setInterval(() => {}, 1000)"];
  const code = `require("node:child_process")
    .spawn(process.execPath, ${JSON.stringify(child)}, { stdio: "inherit" })`;
  const parent = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  const pid = Number(line);
  expect(isRunning(pid)).toBe(true);

  parent.kill("SIGKILL");

  try {
    await expect.poll(() => isRunning(pid)).toBe(false);
  } finally {
    if (isRunning(pid)) process.kill(pid, "SIGKILL");
  }
});
