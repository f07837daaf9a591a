import type { ApiError } from "../../shared/api-error.ts";
import { deadlineExceeded } from "../../shared/deadline.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { originTimeout } from "../errors.ts";
import { requireOrigins, type Settings } from "../settings.ts";
import { askOne } from "./ask-one.ts";
import type { OriginSpeech } from "./origin-speech.ts";
import { createPatience, type Wait } from "./patience.ts";
import { rendezvous } from "./rendezvous.ts";
import { noteTrouble, troubledLast } from "./troubles.ts";
import { TryElsewhere } from "./try-elsewhere.ts";

export interface SpeechOrder {
  /** As `originBody` makes it. */
  body: string;
  /** Whether another take than the usual one is wanted, unless the body names a seed. */
  newTake?: boolean;
  requestId: string;
  /** Hex. Orders that can be answered together have equal keys, and so come to the same origin. */
  routingKey: string;
  /** How long the first audio may take, over all attempts. */
  timeoutSeconds: number;
  /** Ends the origin's work when it is aborted, at any time. */
  stop: AbortController;
}

/**
 * A connection that is refused and one that is cut look the same in a Worker. What took longer may have been begun: a
 * request that brings origins down must not go round them all.
 */
const begunAfterMs = 1000;
const maxBegun = 2;

/**
 * Has an origin speak, and returns once its first audio is here: until then a failure can still be a proper status, or
 * another origin's turn. Every failure, thrown from here or from the speech, is the ApiError to tell the client.
 */
export async function askOrigin(order: SpeechOrder, settings: Settings): Promise<OriginSpeech> {
  const { timeoutSeconds, stop } = order;
  const untilFirstAudio = createPatience(timeoutSeconds, deadlineExceeded, stop);
  const { headers, speech } = await untilFirstAudio(askInTurn(order, settings));
  const wait = createPatience(settings.originTimeoutSeconds, originTimeout, stop);
  return { headers, speech: patiently(speech, wait) };
}

async function askInTurn(order: SpeechOrder, settings: Settings): Promise<OriginSpeech> {
  const { body, newTake = false, requestId, routingKey, timeoutSeconds, stop } = order;
  const origins = requireOrigins(settings);
  const { originTokens: tokens } = settings;
  const endsAt = Date.now() + timeoutSeconds * 1000;
  let told: ApiError | undefined;
  let begun = 0;
  for (const origin of troubledLast(await rendezvous(routingKey, origins))) {
    const askedAt = Date.now();
    const remainingMs = endsAt - askedAt;
    try {
      const { signal } = stop;
      return await askOne({ origin, tokens, body, newTake, requestId, remainingMs, signal });
    } catch (cause) {
      if (!(cause instanceof TryElsewhere)) throw cause;
      told ??= cause.told;
      if (cause.isTrouble) noteTrouble(origin);
      if (Date.now() - askedAt > begunAfterMs) begun++;
      if (begun === maxBegun) break;
    }
  }
  throw told;
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
