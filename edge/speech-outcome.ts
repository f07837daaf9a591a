import type { ApiError } from "../shared/api-error.ts";
import type { SpeechSource } from "../shared/frames/read-frames.ts";
import { toApiError } from "../shared/http/errors.ts";
import { clientLeft } from "./errors.ts";

/** How a speech answer ended, once it has. */
export interface SpeechOutcome {
  audioBytes: number;
  /** What kept it from being whole. */
  failure: ApiError | undefined;
}

interface WatchedSource {
  source: SpeechSource;
  outcome: Promise<SpeechOutcome>;
}

/** Passes a speech on as it is, and promises to say how it ended: also of one that is let go before it began. */
export function watch(speech: SpeechSource): WatchedSource {
  let audioBytes = 0;
  let report: (failure: ApiError | undefined) => void = () => undefined;
  const outcome = new Promise<SpeechOutcome>((resolve) => {
    report = (failure) => resolve({ audioBytes, failure });
  });
  return {
    outcome,
    source: {
      async read() {
        try {
          const frames = await speech.read();
          for (const frame of frames ?? []) {
            if (frame.kind === "audio") audioBytes += frame.bytes.byteLength;
          }
          if (!frames || frames.at(-1)?.kind === "end") report(undefined);
          return frames;
        } catch (cause) {
          report(toApiError(cause));
          throw cause;
        }
      },
      async cancel() {
        report(clientLeft());
        await speech.cancel();
      },
    },
  };
}
