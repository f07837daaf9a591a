import { closable } from "../closable.ts";
import type { SpeechFrame } from "./frame.ts";
import { BrokenFramesError } from "./read-frames.ts";

/**
 * Waits for the first audio of a speech answer and gives the whole answer back. Until then nothing has been promised
 * to the client, so a failure, thrown from here, can still be a proper status.
 */
export async function firstAudio<Frame extends SpeechFrame>(
  speech: AsyncGenerator<Frame, void>,
): Promise<AsyncGenerator<Frame, void>> {
  const { done, value: first } = await speech.next();
  if (done || first.kind !== "audio") {
    await speech.return();
    throw new BrokenFramesError("the answer ended before its first audio");
  }
  return closable(rejoin(first, speech), () => speech.return());
}

async function* rejoin<Frame>(
  first: Frame,
  rest: AsyncGenerator<Frame, void>,
): AsyncGenerator<Frame, void> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return();
  }
}
