import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

export interface RunningProcess {
  child: ChildProcess;
  /** What it has written so far, standard output and error together. */
  output(): string;
  /** Resolves when the output matches; rejects when it ends before. */
  until(pattern: RegExp, timeoutSeconds?: number): Promise<RegExpMatchArray>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Runs one of the project's programs as a process of its own, the way its npm script does. */
export function runProgram(
  file: string,
  options: { arguments?: string[]; environment?: Record<string, string> } = {},
): RunningProcess {
  const child = spawn(process.execPath, ["--import", tsx, file, ...(options.arguments ?? [])], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  }
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  return {
    child,
    output: () => text,
    exited,
    async until(pattern, timeoutSeconds = 20) {
      const deadline = performance.now() + timeoutSeconds * 1000;
      while (performance.now() < deadline) {
        const match = text.match(pattern);
        if (match) return match;
        if (child.exitCode !== null || child.signalCode !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`${file} did not write ${pattern}; it wrote:\n${text}`);
    },
  };
}
