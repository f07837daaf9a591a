import { closable } from "../closable.ts";
import type { SpeechFrame } from "../frames/frame.ts";
import type { SpeechRequest } from "../speech-request.ts";

/** A speech without what this listener did not ask for: others who hear the same may have. */
export function onlyAsked(
  speech: AsyncGenerator<SpeechFrame, void>,
  { timestamps }: Pick<SpeechRequest, "timestamps">,
): AsyncGenerator<SpeechFrame, void> {
  return closable(pass(speech, timestamps), () => speech.return());
}

async function* pass(
  speech: AsyncGenerator<SpeechFrame, void>,
  timestamps: SpeechRequest["timestamps"],
): AsyncGenerator<SpeechFrame, void> {
  for await (const frame of speech) {
    const isAsked =
      frame.kind !== "event" ||
      (timestamps !== null && (timestamps === "word" || frame.event.type !== "speech.word"));
    if (isAsked) yield frame;
  }
}
