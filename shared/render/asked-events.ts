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
  asked: Pick<SpeechRequest, "timestamps" | "progress">,
): AsyncGenerator<SpeechFrame, void> {
  return closable(pass(speech, asked), () => speech.return());
}

async function* pass(
  speech: AsyncGenerator<SpeechFrame, void>,
  asked: Pick<SpeechRequest, "timestamps" | "progress">,
): AsyncGenerator<SpeechFrame, void> {
  for await (const frame of speech) {
    if (frame.kind !== "event" || isAsked(frame.event, asked)) yield frame;
  }
}

function isAsked(
  { type }: SpeechEvent,
  { timestamps, progress }: Pick<SpeechRequest, "timestamps" | "progress">,
): boolean {
  if (type === "speech.progress") return progress;
  return timestamps === "word" || (timestamps === "segment" && type !== "speech.word");
}
