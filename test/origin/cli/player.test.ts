import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPlayerSink } from "../../../origin/cli/speak/player.ts";
import { wavHeader } from "../../../shared/wav-header.ts";
import { installPlayer } from "../../support/player.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "player-"));
  vi.stubEnv("TMPDIR", folder);
  vi.stubEnv("PLAYED", join(folder, "played"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function install(name: string, script: string): Promise<void> {
  vi.stubEnv("PATH", await installPlayer(folder, name, script));
}

const secondsOfSound = (seconds: number) => ({ samples: 24_000 * seconds, sample_rate: 24_000 });

it("pipes into a player what comes, and finishes when it has been heard", async () => {
  await install("aplay", '/bin/cat > "$PLAYED"; /bin/sleep 0.2; echo heard >> "$PLAYED"');
  const player = await createPlayerSink("wav");
  await player.write(Buffer.from("one "));
  await player.write(Buffer.from("two "));
  await player.finish(secondsOfSound(0));
  expect(player.name).toBe("aplay");
  expect(await readFile(join(folder, "played"), "utf8")).toBe("one two heard\n");
});

it("gives a whole file to a player that reads files, and keeps none of it", async () => {
  await install("afplay", '/bin/cp "$1" "$PLAYED"');
  const player = await createPlayerSink("wav");
  await player.write(wavHeader(24_000));
  await player.write(new Uint8Array(1000));
  await player.finish(secondsOfSound(0));
  const played = await readFile(join(folder, "played"));
  expect(played.byteLength).toBe(1044);
  expect(played.readUInt32LE(40)).toBe(1000);
  expect((await readdir(folder)).sort()).toEqual(["bin", "played"]);
});

it("names the file to PowerShell in the environment, where it needs no quotes", async () => {
  await install("powershell", '/bin/cp "$SPEECH_FILE" "$PLAYED"; echo "$4" >> "$PLAYED"');
  const player = await createPlayerSink("wav");
  await player.write(wavHeader(24_000));
  await player.write(new Uint8Array(1000));
  await player.finish(secondsOfSound(0));
  const played = await readFile(join(folder, "played"), "latin1");
  expect(played.slice(1044)).toBe(
    "(New-Object System.Media.SoundPlayer $env:SPEECH_FILE).PlaySync()\n",
  );
  expect((await readdir(folder)).sort()).toEqual(["bin", "played"]);
});

it("keeps nothing of what is not to be played after all", async () => {
  await install("afplay", '/bin/cp "$1" "$PLAYED"');
  const player = await createPlayerSink("mp3");
  await player.write(new Uint8Array(1000));
  await player.discard();
  expect(await readdir(folder)).toEqual(["bin"]);
});

it("says when the player could not play it", async () => {
  await install("mpv", "/bin/cat > /dev/null; exit 2");
  const player = await createPlayerSink("opus");
  await player.write(new Uint8Array(1000));
  await expect(player.finish(secondsOfSound(0))).rejects.toThrow(
    "mpv could not play the speech (exit code 2)",
  );
});

it.each(["aplay", "afplay"])(
  "says when %s has taken too little time to have played it",
  async (name) => {
    await install(name, "[ $1 = --quiet ] && /bin/cat > /dev/null; exit 0");
    const player = await createPlayerSink("wav");
    await player.write(wavHeader(24_000));
    await expect(player.finish(secondsOfSound(600))).rejects.toThrow(
      new RegExp(
        `^${name} was done after \\d+\\.\\d s with 600\\.0 s of speech: it was not played, or not to its end$`,
      ),
    );
    expect(await readdir(folder)).toEqual(["bin"]);
  },
);

it("says when the player left before the end", async () => {
  await install("mpv", "exit 0");
  const player = await createPlayerSink("opus");
  const writeOn = async () => {
    for (;;) await player.write(new Uint8Array(1000));
  };
  await expect(writeOn()).rejects.toThrow("mpv took no more of the speech");
});

it("does not choose a player that cannot play the format", async () => {
  await install("aplay", "exit 0");
  await expect(createPlayerSink("mp3")).rejects.toThrow(
    "--play finds none of these players for mp3 on the PATH: ffplay, mpv, cvlc, afplay",
  );
  for (const format of ["pcm", "mulaw", "alaw"] as const) {
    await expect(createPlayerSink(format)).rejects.toThrow("use wav");
  }
});
