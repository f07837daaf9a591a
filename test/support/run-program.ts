import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { runner } from "../../origin/process/programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface RunningProcess {
  child: ChildProcess;
  /** What it has written so far, standard output and error together. */
  output(): string;
  /** Resolves when the output matches; rejects when it ends before. */
  until(pattern: RegExp): Promise<RegExpMatchArray>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Resolves when it has exited and all it wrote has been read. */
  finished: Promise<{ code: number | null; stdout: Buffer; stderr: string }>;
}

export interface RunOptions {
  arguments?: string[];
  environment?: Record<string, string>;
  /** What it reads on standard input; nothing by default. */
  input?: string;
  /** Where it runs; the project by default. */
  folder?: string;
  /** The id of the user and group it runs as; whoever runs the tests by default. */
  user?: number;
  /** Whether it leads a process group of its own, as what is started in a terminal does. */
  ownGroup?: boolean;
}

/** Runs one of the project's programs as a process of its own, the way its npm script does. */
export function runProgram(
  file: string,
  options: RunOptions & {
    /** A module in JavaScript that is loaded before it. */
    preload?: string;
  } = {},
): RunningProcess {
  const imports = options.preload ? ["--import", options.preload] : [];
  const command = [...imports, runner, file, ...(options.arguments ?? [])];
  return run(process.execPath, command, options);
}

/** Runs one of the project's npm scripts by npm. */
export function runScript(name: string, options: RunOptions = {}): RunningProcess {
  return run("npm", ["run", name, "--", ...(options.arguments ?? [])], options);
}

/** Runs one of the project's programs in a terminal, which is closed when what this returns is killed. Linux only. */
export function runInTerminal(file: string, options: RunOptions = {}): RunningProcess {
  const command = [process.execPath, runner, file, ...(options.arguments ?? [])];
  return run("script", ["-qec", `exec ${command.join(" ")}`, "/dev/null"], options);
}

/** Those that run. They would outlive a run of the tests that is interrupted. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Runs any program. */
export function run(program: string, args: string[], options: RunOptions): RunningProcess {
  const child = spawn(program, args, {
    cwd: options.folder ?? root,
    ...(options.user === undefined ? {} : { uid: options.user, gid: options.user }),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.environment },
    detached: options.ownGroup ?? false,
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.stdin.end(options.input);
  let text = "";
  const written = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new TextDecoder();
    child[name].on("data", (part: Buffer) => {
      written[name].push(part);
      text += decoder.decode(part, { stream: true });
    });
  }
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const finished = once(child, "close").then(([code]) => ({
    code,
    stdout: Buffer.concat(written.stdout),
    stderr: Buffer.concat(written.stderr).toString(),
  }));
  return {
    child,
    output: () => text,
    exited,
    finished,
    async until(pattern) {
      const deadline = performance.now() + 120_000;
      while (performance.now() < deadline) {
        const match = text.match(pattern);
        if (match) return match;
        if (child.exitCode !== null || child.signalCode !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(
        `${[program, ...args].join(" ")} did not write ${pattern}; it wrote:\n${text}`,
      );
    },
  };
}
