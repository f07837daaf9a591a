import { setTimeout as delay } from "node:timers/promises";
import type { ApiError } from "../../shared/api-error.ts";
import { concatenate } from "../../shared/byte-stream.ts";
import { toApiError } from "../../shared/http/errors.ts";
import type { SpeechEvent } from "../../shared/speech-events.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { Logger } from "../log.ts";
import type { Admission } from "../speech/admission.ts";
import { answerSpeech, type SpeechServices } from "../speech/answer.ts";

/** Failures of the engine, one after the other, after which a part is given up. */
const maxFailures = 5;
const firstPauseSeconds = 1;
const maxPauseSeconds = 60;

/** How long a part gives way to answers that somebody listens to, each time that it might go on. */
const giveWayMs = 1000;
const lookMs = 50;

export interface SpokenPart {
  /** Signed 16 bit, little-endian. */
  pcm: Uint8Array;
  /** What happens in it, by its own clock, where the request asks for timestamps. */
  events: SpeechEvent[];
  headers: Record<string, string>;
}

/**
 * Speaks one part of a job into memory. Whatever may pass is waited for: places and models that are taken, and engines that
 * are started again. `hear` is told what happens as it does, and from the beginning when it is spoken again. Throws the
 * ApiError that it fails with for good, and the signal's reason.
 */
export async function speakPart(
  request: SpeechRequest,
  services: SpeechServices,
  log: Logger,
  signal: AbortSignal,
  hear: (event: SpeechEvent) => void = () => undefined,
): Promise<SpokenPart> {
  let failures = 0;
  for (let attempt = 0; ; attempt++) {
    try {
      await giveWay(services.admission, signal);
      return await speakOnce(request, services, log, signal, hear);
    } catch (cause) {
      signal.throwIfAborted();
      const error = toApiError(cause);
      const isBusy = error.status === 503;
      if (!isBusy) failures++;
      if (!mayPass(error) || failures === maxFailures) throw error;
      log.warn({ err: cause }, "a part of a job is tried again");
      const told = Number(error.headers["retry-after"]);
      const seconds = isBusy && told > 0 ? told : firstPauseSeconds * 2 ** Math.min(attempt, 6);
      await delay(Math.min(maxPauseSeconds, seconds) * 1000, undefined, { signal }).catch(() => {});
      signal.throwIfAborted();
    }
  }
}

async function speakOnce(
  request: SpeechRequest,
  services: SpeechServices,
  log: Logger,
  signal: AbortSignal,
  hear: (event: SpeechEvent) => void,
): Promise<SpokenPart> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const order = { request, newTake: false, urgency: "job" } as const;
  try {
    const { speech, headers } = await answerSpeech(order, services, log, either);
    const parts: Uint8Array[] = [];
    const events: SpeechEvent[] = [];
    for await (const frame of speech) {
      if (frame.kind === "audio") parts.push(frame.bytes);
      if (frame.kind === "event") {
        hear(frame.event);
        if (frame.event.type !== "speech.progress") events.push(frame.event);
      }
      // Who does not read holds the engine back.
      await giveWay(services.admission, signal);
    }
    return { pcm: concatenate(parts), events, headers };
  } finally {
    stop.abort();
  }
}

/** Waits while somebody listens to other answers, but not for good: a busy server speaks its jobs slowly. */
async function giveWay(admission: Admission, signal: AbortSignal): Promise<void> {
  const until = performance.now() + giveWayMs;
  while (admission.listeners > 0 && performance.now() < until && !signal.aborted) {
    await delay(lookMs);
  }
  signal.throwIfAborted();
}

function mayPass(error: ApiError): boolean {
  return error.status >= 500 && error.headers["x-should-retry"] !== "false";
}
