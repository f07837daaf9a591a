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
  const early: Frame[] = [];
  for (;;) {
    const { done, value } = await speech.next();
    if (done) throw new BrokenFramesError("the answer ended before its first audio");
    early.push(value);
    if (value.kind === "audio") break;
  }
  return closable(rejoin(early, speech), () => speech.return());
}

async function* rejoin<Frame>(
  early: Frame[],
  rest: AsyncGenerator<Frame, void>,
): AsyncGenerator<Frame, void> {
  try {
    yield* early;
    yield* rest;
  } finally {
    await rest.return();
  }
}
