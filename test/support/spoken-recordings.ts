import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createResampler } from "../../origin/audio/resampler.ts";
import { loadEspeak } from "../../origin/engine/builtin/espeak.ts";
import { builtinVoices } from "../../origin/engine/builtin/voices.ts";
import type { Speaker } from "../../shared/voices/presets.ts";
import { pangrams } from "./speech.ts";
import { passThrough } from "./stages.ts";

/** Speech of the builtin engine at 48 kHz, as a microphone would give it: without silence around it. */
export async function speakAt48k(
  speaker: Speaker = "Vivian",
  text = pangrams,
): Promise<Float32Array> {
  const espeak = await loadEspeak();
  const { pcm } = espeak.speak(text, "english", builtinVoices[speaker]);
  return passThrough(await createResampler(espeak.sampleRate, 48_000), pcm);
}

/** A WAV file of 32-bit floats. */
export function toFloatWav(
  channels: readonly Float32Array[],
  sampleRate: number,
): Uint8Array<ArrayBuffer> {
  const [count, length] = [channels.length, channels[0]?.length ?? 0];
  const bytes = Buffer.alloc(44 + 4 * count * length);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(3, 20);
  bytes.writeUInt16LE(count, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(4 * count * sampleRate, 28);
  bytes.writeUInt16LE(4 * count, 32);
  bytes.writeUInt16LE(32, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(4 * count * length, 40);
  for (let i = 0; i < length; i++) {
    for (let c = 0; c < count; c++)
      bytes.writeFloatLE(channels[c]?.[i] ?? 0, 44 + 4 * (i * count + c));
  }
  return new Uint8Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
  );
}

/** Has ffmpeg make a file, which some formats need to seek in, of a WAV file and any inputs of its own. */
export async function encodeFile(
  wav: Uint8Array,
  name: string,
  options: readonly string[],
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "recording-"));
  try {
    const [input, output] = [join(folder, "input.wav"), join(folder, name)];
    await writeFile(input, wav);
    await promisify(execFile)("ffmpeg", ["-v", "error", "-i", input, ...options, output]);
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true });
  }
}
