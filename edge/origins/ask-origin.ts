import { firstAudio } from "../../shared/frames/first-audio.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import type { Settings } from "../settings.ts";
import { originHeaders, speechFrames } from "./answer.ts";
import { forward } from "./forward.ts";
import { createPatience, type Wait } from "./patience.ts";

export interface OriginSpeech {
  /** Headers for the client that only the origin could fill in. */
  headers: Record<string, string>;
  speech: AsyncGenerator<SpeechFrame, void>;
}

export interface SpeechOrder {
  /** The client's JSON, valid and unchanged. */
  body: ArrayBuffer;
  requestId: string;
  /** Hex. Orders that can be answered together have equal keys, and so come to the same origin. */
  routingKey: string;
  /** How long the first audio may take, over all attempts. */
  timeoutSeconds: number;
  /** Ends the origin's work when it is aborted, at any time. */
  stop: AbortController;
}

/**
 * Has an origin speak, and returns once its first audio is here: until then a failure can still be a proper status.
 * Every failure, thrown from here or from the speech, is the ApiError to tell the client.
 */
export async function askOrigin(order: SpeechOrder, settings: Settings): Promise<OriginSpeech> {
  const { body, requestId, routingKey, timeoutSeconds, stop } = order;
  const waitForFirst = createPatience(timeoutSeconds, stop);
  const wait = createPatience(settings.originTimeoutSeconds, stop);
  const open = async (): Promise<OriginSpeech> => {
    const answer = await forward({ body, requestId, routingKey, signal: stop.signal }, settings);
    const speech = await firstAudio(await speechFrames(answer));
    return { headers: originHeaders(answer), speech };
  };
  const { headers, speech } = await waitForFirst(open());
  return { headers, speech: patiently(speech, wait) };
}

async function* patiently(
  speech: AsyncGenerator<SpeechFrame, void>,
  wait: Wait,
): AsyncGenerator<SpeechFrame, void> {
  try {
    for (;;) {
      const { done, value } = await wait(speech.next());
      if (done) return;
      yield value;
    }
  } finally {
    await speech.return();
  }
}
