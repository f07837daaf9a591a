import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { AudioFormat } from "../../../shared/formats.ts";
import { createFileSink } from "./file-sink.ts";
import type { Sink, SoundLength } from "./sink.ts";
import { createStreamSink } from "./stream-sink.ts";

interface Player {
  name: string;
  /** To play what comes on standard input, or the file of `pathVariable`. */
  args: readonly string[];
  formats?: readonly AudioFormat[];
  /** Plays no more than files: `afplay` one that is named after its arguments. */
  file?: "argument" | "variable";
}

/** Names the file to PowerShell, in whose commands a path would have to be quoted. */
const pathVariable = "SPEECH_FILE";

const players: readonly Player[] = [
  { name: "ffplay", args: ["-nodisp", "-autoexit", "-loglevel", "error", "-i", "pipe:0"] },
  { name: "mpv", args: ["--no-video", "--really-quiet", "-"] },
  { name: "cvlc", args: ["--quiet", "--play-and-exit", "-"] },
  { name: "aplay", args: ["--quiet", "-"], formats: ["wav"] },
  { name: "afplay", args: [], formats: ["mp3", "aac", "flac", "wav"], file: "argument" },
  {
    // Of every Windows.
    name: "powershell",
    args: [
      "-NoProfile",
      "-NonInteractive",
      "-Command",
      `(New-Object System.Media.SoundPlayer $env:${pathVariable}).PlaySync()`,
    ],
    formats: ["wav"],
    file: "variable",
  },
];

const headerless: readonly AudioFormat[] = ["pcm", "mulaw", "alaw"];

/** A player that could open no device may say so and leave as if all were well; it does not take the time of the sound. */
const leastShareOfTime = 0.75;

/**
 * Plays a file while it is written, with the first player on the PATH that knows the format, and finishes when it has
 * been heard. Throws when there is none; finishing throws when it cannot have been heard.
 */
export async function createPlayerSink(format: AudioFormat): Promise<Sink> {
  if (headerless.includes(format)) {
    throw new Error(`--play cannot tell players what ${format} is, which has no header: use wav`);
  }
  const able = players.filter(({ formats }) => formats?.includes(format) ?? true);
  const player = able.find(({ name }) => isInstalled(name));
  if (!player) {
    const names = able.map(({ name }) => name).join(", ");
    throw new Error(`--play finds none of these players for ${format} on the PATH: ${names}`);
  }
  return player.file ? createFilePlayer(player, format) : createPipePlayer(player);
}

function createPipePlayer({ name, args }: Player): Sink {
  const { child, played } = start(name, args);
  const pipe = createStreamSink(child.stdin, name);
  let startedAt: number | undefined;
  return {
    ...pipe,
    write(bytes) {
      startedAt ??= performance.now();
      return pipe.write(bytes);
    },
    async finish(length) {
      child.stdin.end();
      await played(length, startedAt);
    },
    async discard() {
      child.kill();
    },
  };
}

async function createFilePlayer(
  { name, args, file: how }: Player,
  format: AudioFormat,
): Promise<Sink> {
  const folder = await mkdtemp(join(tmpdir(), "speech-"));
  const path = join(folder, `speech.${format}`);
  const file = await createFileSink(path, format);
  const clean = () => rm(folder, { recursive: true, force: true });
  return {
    name,
    write: file.write,
    async finish(length) {
      await file.finish(length);
      await start(name, how === "argument" ? [...args, path] : args, { [pathVariable]: path })
        .played(length, performance.now())
        .finally(clean);
    },
    async discard() {
      await file.discard();
      await clean();
    },
  };
}

function start(name: string, args: readonly string[], variables: Record<string, string> = {}) {
  const child = spawn(name, args, {
    stdio: ["pipe", "ignore", "inherit"],
    env: { ...process.env, ...variables },
    windowsHide: true,
  });
  const exit = once(child, "exit").then(([code]) => {
    if (code !== 0) throw new Error(`${name} could not play the speech (exit code ${code})`);
    return performance.now();
  });
  // Told when finishing; a write fails before that.
  exit.catch(() => {});
  return {
    child,
    /** Once it has left: it had so much to play since `startedAt`. */
    async played({ samples, sample_rate }: SoundLength, startedAt = 0) {
      const seconds = samples / sample_rate;
      const taken = ((await exit) - startedAt) / 1000;
      if (taken >= leastShareOfTime * seconds) return;
      throw new Error(
        `${name} was done after ${taken.toFixed(1)} s with ${seconds.toFixed(1)} s of speech: it was not played, or not to its end`,
      );
    },
  };
}

function isInstalled(name: string): boolean {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const file = process.platform === "win32" ? `${name}.exe` : name;
  return folders.some((folder) => {
    try {
      accessSync(join(folder, file), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
