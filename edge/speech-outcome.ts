import type { ApiError } from "../shared/api-error.ts";
import type { SpeechFrame } from "../shared/frames/frame.ts";
import { toApiError } from "../shared/http/errors.ts";
import { clientLeft } from "./errors.ts";

/** How a speech answer ended, once it has. */
export interface SpeechOutcome {
  audioBytes: number;
  /** What kept it from being whole. */
  failure: ApiError | undefined;
}

interface WatchedSpeech {
  speech: AsyncGenerator<SpeechFrame, void>;
  outcome: Promise<SpeechOutcome>;
}

/** Passes a speech answer on as it is, and promises to say how it ended. */
export function watch(speech: AsyncIterable<SpeechFrame>): WatchedSpeech {
  let report: (outcome: SpeechOutcome) => void;
  const outcome = new Promise<SpeechOutcome>((resolve) => {
    report = resolve;
  });
  async function* watched(): AsyncGenerator<SpeechFrame, void> {
    let audioBytes = 0;
    // A reader that leaves early ends the generator where it stands, with nothing thrown.
    let failure: ApiError | undefined = clientLeft();
    try {
      for await (const frame of speech) {
        if (frame.kind === "audio") audioBytes += frame.bytes.byteLength;
        yield frame;
      }
      failure = undefined;
    } catch (cause) {
      failure = toApiError(cause);
      throw cause;
    } finally {
      report({ audioBytes, failure });
    }
  }
  return { speech: watched(), outcome };
}
