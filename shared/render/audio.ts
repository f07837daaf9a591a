import { closable } from "../closable.ts";
import type { SpeechFrame } from "../frames/frame.ts";

/** Renders a speech answer as the bare audio file. */
export function renderAudio(
  speech: AsyncGenerator<SpeechFrame, void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  return closable(render(speech), () => speech.return());
}

async function* render(
  speech: AsyncGenerator<SpeechFrame, void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for await (const frame of speech) {
    if (frame.kind === "audio") yield frame.bytes;
  }
}
