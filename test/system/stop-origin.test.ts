import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { descendantsOf, isRunning } from "../support/child-processes.ts";
import {
  type RunningProcess,
  runInTerminal,
  runProgram,
  runScript,
} from "../support/run-program.ts";
import { missingPrograms } from "../support/shell.ts";
import { receive, send } from "../support/sockets.ts";
import { hello } from "../support/speech.ts";

const groups: number[] = [];

afterEach(() => {
  // None stands for this process's own.
  for (const group of groups.splice(0).filter((id) => id > 0)) {
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // It has left by itself.
    }
  }
});

const environment = { ORIGIN_PORT: "0", LOG_LEVEL: "silent", BUILTIN_PACE: "2" };
const sentence = "Sphinx of black quartz, judge my vow. ";

/** Starts it, has it speak for seconds, and reads the beginning. */
async function speaking(program: RunningProcess, sentences = 1): Promise<IncomingMessage> {
  groups.push(program.child.pid ?? 0);
  const [, url] = await program.until(/^origin (http:\S+),/m);
  const { head } = send(`${url}/v1/audio/speech`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...hello, response_format: "pcm", input: sentence.repeat(sentences) }),
  });
  const answer = await head;
  await once(answer, "readable");
  return answer;
}

const runOrigin = () => runProgram("origin/main.ts", { environment, ownGroup: true });

describe("the origin, stopped in the middle of an answer", () => {
  it.each([
    ["SIGINT", "itself"],
    ["SIGTERM", "itself"],
    ["SIGHUP", "itself"],
    ["SIGINT", "its group"],
    ["SIGTERM", "its group"],
    ["SIGHUP", "its group"],
  ] as const)("by %s to %s, finishes it and leaves with 0", async (signal, target) => {
    const program = runOrigin();
    const answer = await speaking(program);
    const { pid = 0 } = program.child;

    process.kill(target === "itself" ? pid : -pid, signal);

    expect((await receive(answer)).ended).toBe("complete");
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });

  it("takes signals that come soon after each other for one", async () => {
    const program = runOrigin();
    const answer = await speaking(program);

    for (const signal of ["SIGINT", "SIGINT", "SIGTERM"] as const) {
      program.child.kill(signal);
      await delay(50);
    }

    expect((await receive(answer)).ended).toBe("complete");
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });

  it("finishes all of them when its terminal is closed, though it can log no more", async (context) => {
    if (process.platform !== "linux" || missingPrograms("script").length > 0)
      return context.skip("there is no `script` to make a terminal, or no /proc");
    const terminal = runInTerminal("origin/main.ts", {
      environment: { ...environment, LOG_LEVEL: "info" },
      ownGroup: true,
    });
    const answers = [await speaking(terminal), await speaking(terminal, 2)];
    const [origin] = descendantsOf(terminal.child.pid ?? 0);
    groups.push(origin?.pid ?? 0);

    terminal.child.kill("SIGKILL");

    const ended = (await Promise.all(answers.map(receive))).map((answer) => answer.ended);
    expect(ended).toEqual(["complete", "complete"]);
    await expect.poll(() => isRunning(origin?.pid ?? 0)).toBe(false);
  });

  it("ends at once when it is told again later", async () => {
    const program = runOrigin();
    const answer = await speaking(program, 20);

    program.child.kill("SIGINT");
    await delay(1500);
    program.child.kill("SIGINT");

    expect((await receive(answer)).ended).toBe("reset");
    expect(await program.exited).toEqual({ code: null, signal: "SIGINT" });
  });
});

describe("npm run origin, stopped in the middle of an answer", () => {
  it.for([
    ["SIGINT", "its group"],
    ["SIGTERM", "npm"],
    ["SIGKILL", "npm"],
  ] as const)("by %s to %s, finishes it and leaves nothing", async ([signal, target], context) => {
    if (process.platform !== "linux") return context.skip("processes are looked at in /proc");
    const npm = runScript("origin", { environment, ownGroup: true });
    const answer = await speaking(npm);
    const { pid = 0 } = npm.child;
    const below = descendantsOf(pid).map((descendant) => descendant.pid);
    expect(below.length).toBeGreaterThan(1);

    process.kill(target === "npm" ? pid : -pid, signal);

    expect((await receive(answer)).ended).toBe("complete");
    await npm.exited;
    await expect.poll(() => below.filter(isRunning)).toEqual([]);
  });
});
