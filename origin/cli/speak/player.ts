import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { AudioFormat } from "../../../shared/formats.ts";
import { createFileSink } from "./file-sink.ts";
import type { Sink } from "./sink.ts";
import { createStreamSink } from "./stream-sink.ts";

interface Player {
  name: string;
  /** To play what comes on standard input; for `afplay`, which cannot, a file named after them. */
  args: readonly string[];
  formats?: readonly AudioFormat[];
}

const players: readonly Player[] = [
  { name: "ffplay", args: ["-nodisp", "-autoexit", "-loglevel", "error", "-i", "pipe:0"] },
  { name: "mpv", args: ["--no-video", "--really-quiet", "-"] },
  { name: "cvlc", args: ["--quiet", "--play-and-exit", "-"] },
  { name: "aplay", args: ["--quiet", "-"], formats: ["wav"] },
  { name: "afplay", args: [], formats: ["mp3", "aac", "flac", "wav"] },
];

/**
 * Plays a file while it is written, with the first player on the PATH that knows the format, and finishes when it has
 * been heard. Throws when there is none.
 */
export async function createPlayerSink(format: AudioFormat): Promise<Sink> {
  if (format === "pcm") throw new Error("--play cannot tell the sample rate of pcm: use wav");
  const able = players.filter(({ formats }) => formats?.includes(format) ?? true);
  const player = able.find(({ name }) => isInstalled(name));
  if (!player) {
    const names = able.map(({ name }) => name).join(", ");
    throw new Error(`--play finds none of these players for ${format} on the PATH: ${names}`);
  }
  return player.name === "afplay" ? createFilePlayer(player, format) : createPipePlayer(player);
}

function createPipePlayer({ name, args }: Player): Sink {
  const { child, played } = start(name, args);
  const pipe = createStreamSink(child.stdin, name);
  return {
    ...pipe,
    async finish() {
      child.stdin.end();
      await played;
    },
    async discard() {
      child.kill();
    },
  };
}

async function createFilePlayer({ name, args }: Player, format: AudioFormat): Promise<Sink> {
  const folder = await mkdtemp(join(tmpdir(), "speech-"));
  const path = join(folder, `speech.${format}`);
  const file = await createFileSink(path, format);
  const clean = () => rm(folder, { recursive: true, force: true });
  return {
    name,
    write: file.write,
    async finish() {
      await file.finish();
      await start(name, [...args, path]).played.finally(clean);
    },
    async discard() {
      await file.discard();
      await clean();
    },
  };
}

function start(name: string, args: readonly string[]) {
  const child = spawn(name, args, { stdio: ["pipe", "ignore", "inherit"] });
  const played = once(child, "exit").then(([code]) => {
    if (code !== 0) throw new Error(`${name} could not play the speech (exit code ${code})`);
  });
  // Told when finishing; a write fails before that.
  played.catch(() => {});
  return { child, played };
}

function isInstalled(name: string): boolean {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
