import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runner } from "../process/programs.ts";
import type { ToChild, ToParent } from "./protocol.ts";
import { createWatchdog } from "./watchdog.ts";

/** Of this process's environment, what every child needs to run at all. */
const inheritedVariables = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"];

/** How long a child may take to leave by itself when asked to. */
const leaveSeconds = 2;

export interface EngineProcessOptions {
  /** The module the child runs; it calls `serve`. */
  module: URL;
  /** Added to the few variables every child gets. */
  env?: Record<string, string>;
  /** From the start to "ready". */
  startLimitSeconds?: number;
  /** A child silent for this long is killed; it must exceed the longest native call. */
  hangLimitSeconds?: number;
  /** From then on one that is silent counts as late, and as back with its next word; by default a third of that. */
  lateAfterSeconds?: number;
}

interface Listeners {
  onMessage(message: ToParent): void;
  /** Called once, after the last message. */
  onExit(reason: string): void;
}

export interface EngineProcess {
  /** Whether the child, which may be busy, stopped or hung, does not answer at present. */
  readonly isLate: boolean;
  send(message: ToChild): void;
  /** Kills the child; the reason is what `onExit` is told. */
  kill(reason: string): void;
  /** Asks the child to leave, kills it when it does not, and resolves when it is gone. */
  close(): Promise<void>;
}

/** Starts an engine's child process and watches over it until it is gone. */
export function startEngineProcess(
  options: EngineProcessOptions,
  { onMessage, onExit }: Listeners,
): EngineProcess {
  const { module, env, startLimitSeconds = 120, hangLimitSeconds = 30 } = options;
  const { lateAfterSeconds } = options;
  const child = fork(runner, [fileURLToPath(module)], {
    serialization: "advanced",
    env: { ...inherited(), ...env },
    // Standard output belongs to the program: what it writes there may be a file of sound.
    stdio: ["ignore", 2, 2, "ipc"],
  });
  let reason: string | undefined;

  function send(message: ToChild) {
    // A message that no longer gets through is answered by the exit that follows.
    if (child.connected) child.send(message, () => {});
  }

  function kill(why: string) {
    reason ??= why;
    child.kill("SIGKILL");
  }

  const watchdog = createWatchdog({
    startLimitSeconds,
    hangLimitSeconds,
    lateAfterSeconds,
    ping: () => send({ type: "ping" }),
    onSilence: kill,
  });

  child.on("message", (message: ToParent) => {
    watchdog.heard();
    if (message.type === "unable") reason = message.reason;
    onMessage(message);
  });

  const gone = whenGone(child).then((ending) => {
    watchdog.stop();
    onExit(reason ?? ending);
  });

  return {
    get isLate() {
      return watchdog.isLate;
    },
    send,
    kill,
    async close() {
      if (child.connected) child.disconnect();
      const impatience = setTimeout(() => child.kill("SIGKILL"), leaveSeconds * 1000);
      await gone;
      clearTimeout(impatience);
    },
  };
}

/** Resolves with how the process ended, after its last message. */
function whenGone(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      if (child.pid === undefined) resolve(`it could not be started: ${error.message}`);
    });
    child.on("exit", (code, signal) => {
      const ending = signal ? `it was ended by ${signal}` : `it exited with code ${code}`;
      // Its last messages may still be on their way. ("close" never comes to one who disconnected.)
      if (child.connected) child.once("disconnect", () => resolve(ending));
      else resolve(ending);
    });
  });
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    inheritedVariables.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
