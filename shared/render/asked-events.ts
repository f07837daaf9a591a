import { closable } from "../closable.ts";
import type { SpeechFrame } from "../frames/frame.ts";
import type { SpeechEvent } from "../speech-events.ts";
import type { SpeechRequest } from "../speech-request.ts";

/** Puts what happens in a speech on a list of its own, and passes the rest on. */
export function setEventsApart(
  speech: AsyncGenerator<SpeechFrame, void>,
  events: SpeechEvent[],
): AsyncGenerator<SpeechFrame, void> {
  async function* pass(): AsyncGenerator<SpeechFrame, void> {
    for await (const frame of speech) {
      if (frame.kind === "event") events.push(frame.event);
      else yield frame;
    }
  }
  return closable(pass(), () => speech.return());
}

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
