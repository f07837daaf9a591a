import type { SpeechFrame } from "../frames/frame.ts";

/** Renders a speech answer as the bare audio file. */
export async function* renderAudio(
  speech: AsyncIterable<SpeechFrame>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for await (const frame of speech) {
    if (frame.kind === "audio") yield frame.bytes;
  }
}
