import { execFile, spawnSync } from "node:child_process";

/** Whether ffmpeg is on the PATH. Tests that need it skip with `withFfmpeg` when it is not. */
export const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

/** For `describe.skipIf(!hasFfmpeg)(withFfmpeg("…"), …)`: the name says why it was skipped. */
export function withFfmpeg(name: string): string {
  return hasFfmpeg ? name : `${name} (skipped: no ffmpeg on the PATH)`;
}

export interface Recording {
  pcm: Float32Array;
  sampleRate: number;
  channels: number;
}

/**
 * Decodes a whole file with ffmpeg. `format` names a demuxer, with its options, for bytes that do not tell what they
 * are, as in `["-f", "s16le", "-ar", "24000"]`. Throws when ffmpeg has any error to report; of a file that was `cut`
 * anywhere, it gives what there is.
 */
export async function decode(
  bytes: Uint8Array,
  format: string[] = [],
  { cut = false } = {},
): Promise<Recording> {
  const args = [...format, "-i", "pipe:0", "-c:a", "pcm_f32le", "-f", "wav"];
  const wav = await run(bytes, args, cut);
  const view = new DataView(wav.buffer, wav.byteOffset);
  const start = wav.indexOf("data") + 8;
  return {
    pcm: new Float32Array(wav.buffer.slice(wav.byteOffset + start, wav.byteOffset + wav.length)),
    sampleRate: view.getUint32(24, true),
    channels: view.getUint16(22, true),
  };
}

/** How long a file says that it is, in seconds, before anything of it is decoded; undefined when it does not say. */
export async function statedSeconds(bytes: Uint8Array): Promise<number | undefined> {
  const args = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", "pipe:0"];
  const seconds = Number(await runProgram("ffprobe", args, bytes));
  return Number.isNaN(seconds) ? undefined : seconds;
}

function run(input: Uint8Array, args: string[], cut: boolean): Promise<Buffer> {
  return runProgram("ffmpeg", ["-v", "error", ...args, "pipe:1"], input, cut);
}

function runProgram(name: string, args: string[], input: Uint8Array, cut = false): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const program = execFile(
      name,
      args,
      { encoding: "buffer", maxBuffer: 2 ** 30 },
      (error, stdout, stderr) => {
        if (!cut && (error || stderr.length > 0))
          reject(new Error(`${name}: ${stderr}`, { cause: error }));
        else resolve(stdout);
      },
    );
    // It may stop reading before the end; what it says about that is in the error.
    program.stdin?.on("error", () => {});
    program.stdin?.end(input);
  });
}

/** In LUFS, by EBU R 128 as ffmpeg measures it. */
export async function integratedLoudness(pcm: Float32Array, sampleRate: number): Promise<number> {
  const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const input = ["-f", "f32le", "-ar", String(sampleRate), "-ac", "1", "-i", "pipe:0"];
  const measured = ["-af", "ebur128=metadata=1,ametadata=mode=print:file=pipe\\\\:1", "-f", "null"];
  const report = await run(bytes, [...input, ...measured], false);
  const values = report.toString().matchAll(/^lavfi\.r128\.I=(-?[\d.]+)$/gm);
  return Number([...values].at(-1)?.[1]);
}

/** The chapters that a file has marks of, in seconds. */
export async function chaptersOf(
  bytes: Uint8Array,
): Promise<{ title: string; start: number; end: number }[]> {
  const args = ["-v", "error", "-show_chapters", "-of", "json", "pipe:0"];
  const { chapters } = JSON.parse((await runProgram("ffprobe", args, bytes)).toString());
  return chapters.map((chapter: Record<string, string> & { tags: { title: string } }) => ({
    title: chapter.tags.title,
    start: Number(chapter.start_time),
    end: Number(chapter.end_time),
  }));
}
