import { framesMediaType, type SpeechEnd, type SpeechFrame } from "../../shared/frames/frame.ts";
import { readFrames } from "../../shared/frames/read-frames.ts";
import { nodeDigest } from "./speech-end.ts";

export const hello = { model: "tts-1", voice: "alloy", input: "Hello, world!" };

export const pangrams =
  "The quick brown fox jumps over the lazy dog. Pack my box with five dozen liquor jugs. " +
  "How vexingly quick daft zebras jump! Sphinx of black quartz, judge my vow.";

/** Posts a speech request with those fields changed from {@link hello}. */
export function postSpeech(
  url: string,
  fields: Record<string, unknown> = {},
  options: { path?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const { path = "/v1/audio/speech", headers, signal } = options;
  return fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ ...hello, ...fields }),
    ...(signal ? { signal } : {}),
  });
}

/** Asks an origin as the edge does and reads all its frames. */
export async function askForFrames(
  originUrl: string,
  fields: Record<string, unknown> = {},
): Promise<{ answer: Response; frames: SpeechFrame[]; audio: Buffer; end: SpeechEnd }> {
  const answer = await postSpeech(originUrl, fields, { headers: { accept: framesMediaType } });
  if (!answer.ok || !answer.body) throw new Error(`${answer.status}: ${await answer.text()}`);
  const frames: SpeechFrame[] = [];
  for await (const frame of readFrames(answer.body, nodeDigest())) frames.push(frame);
  const last = frames.at(-1);
  if (last?.kind !== "end") throw new Error("the last frame is not the end");
  const parts = frames.flatMap((frame) => (frame.kind === "audio" ? [frame.bytes] : []));
  return { answer, frames, audio: Buffer.concat(parts), end: last.end };
}
