import type { SpeechEvent } from "../../shared/speech-events.ts";

/** How much more of the file there must be for another word about it. */
const stepSeconds = 0.5;

/** From here on the fraction slows down. */
const knee = 0.8;
const mostFraction = 0.99;

/** Tells how far a speech has come. */
export interface Progress {
  /** What is to be told when so many seconds of the file have been made, if anything is. */
  at(seconds: number): SpeechEvent | undefined;
  /** When all of them have. */
  end(seconds: number): SpeechEvent;
}

/**
 * Tells it by what a text usually takes to say: the fraction is an estimate until the end, and never goes back. Of a text that is
 * still to come (`expectedSeconds` is 0) there is none.
 */
export function createProgress(expectedSeconds: number): Progress {
  let told = 0;
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  return {
    at(seconds) {
      if (seconds - told < stepSeconds) return undefined;
      told = seconds;
      const event = { type: "speech.progress", seconds: rounded(seconds) } as const;
      if (expectedSeconds === 0) return event;
      const linear = seconds / expectedSeconds;
      // What takes longer than expected comes nearer and nearer to an end that is not there yet.
      const fraction =
        linear < knee ? linear : 1 - (1 - knee) * Math.exp((knee - linear) / (1 - knee));
      return { ...event, fraction: rounded(Math.min(mostFraction, fraction)) };
    },
    end: (seconds) => ({ type: "speech.progress", seconds: rounded(seconds), fraction: 1 }),
  };
}
