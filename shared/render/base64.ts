import { type Base64Answer, usageOf } from "../answers.ts";
import { toBase64 } from "../base64.ts";
import type { AudioFormat } from "../formats.ts";
import type { SpeechEnd, SpeechFrame } from "../frames/frame.ts";
import { BrokenFramesError } from "../frames/read-frames.ts";
import { patchWavSizes } from "../wav-header.ts";
import type { FileUrl } from "./file-url.ts";

/** Renders a speech answer as one JSON document, whole: a WAV file in it has its true sizes. */
export async function renderBase64(
  speech: AsyncIterable<SpeechFrame>,
  format: AudioFormat,
  fileUrl?: FileUrl,
): Promise<Base64Answer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let end: SpeechEnd | undefined;
  for await (const frame of speech) {
    if (frame.kind === "audio") parts.push(frame.bytes);
    else if (frame.kind === "end") end = frame.end;
  }
  if (!end) throw new BrokenFramesError("the answer has no end frame");
  const audio = new Uint8Array(await new Blob(parts).arrayBuffer());
  if (format === "wav") patchWavSizes(audio);
  return {
    audio: toBase64(audio),
    format,
    sample_rate: end.sample_rate,
    duration_ms: Math.round((end.samples / end.sample_rate) * 1000),
    usage: usageOf(end),
    ...(await fileUrl?.(end)),
  };
}
