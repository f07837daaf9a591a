// One synthesis for everybody who asks for it while it is spoken. The fastest listener sets its pace. As long as all of
// it is kept, newcomers hear it from the beginning; once it has grown too large for that, nobody else is admitted and
// whoever falls too far behind is put out.
import { ApiError } from "../../shared/api-error.ts";
import { deadlineExceeded } from "../../shared/deadline.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { toApiError } from "../../shared/http/errors.ts";
import type { KeptBytes } from "../../shared/kept-bytes.ts";
import { clientLeft } from "../errors.ts";
import { createMovableDeadline } from "../movable-deadline.ts";
import type { OriginSpeech } from "../origins/origin-speech.ts";
import type { SpeechOutcome } from "../speech-outcome.ts";
import {
  createSpeechBuffer,
  type SpeechBuffer,
  sizeOf,
  type WholeSpeech,
} from "./speech-buffer.ts";

const maxLagBytes = 4 * 1024 * 1024;

/** Players pause: who holds nobody else up may do so for minutes, and others are kept waiting for seconds. */
const maxIdleMs = { alone: 10 * 60_000, inCompany: 30_000 };

/** OpenAI's SDKs come back half a second to a second after their first try. */
const retryGraceMs = 2000;

export interface Flight {
  /** Whether somebody who comes now would hear all of it. */
  readonly isOpen: boolean;
  /** Adds a listener, who holds the synthesis from then on until it has heard all of it or leaves. */
  join(options: ListenerOptions): Listener;
}

export interface ListenerOptions {
  /** Whether it is likely to come back when it leaves before the first audio. */
  retries: boolean;
  /** How long it waits for the first audio. */
  timeoutSeconds: number;
}

/** One who hears a flight. */
export interface Listener {
  /**
   * Waits until the speech begins, and returns the headers that only an origin can fill in. Rejects with the ApiError
   * that kept it from beginning, for this listener at least.
   */
  begin(): Promise<Record<string, string>>;
  /** What comes next, as {@link SpeechBuffer.read} has it. Rejects with an ApiError. */
  read(): Promise<SpeechFrame[] | undefined>;
  /** Lets go, begun or not. The last to leave ends the synthesis. Harmless once all has been heard. */
  leave(): void;
  /** How it ended for this listener. */
  readonly outcome: Promise<SpeechOutcome>;
}

export interface FlightOptions {
  /** Has an origin speak until `stop` is aborted. */
  open(stop: AbortController): Promise<OriginSpeech>;
  /** Of the audio when it is played, about. */
  bytesPerSecond: number;
  /** Of the most audio that is kept whole; 0 keeps none. */
  maxBytes: number;
  kept: KeptBytes;
  /** Is called with all of it when it has been spoken and kept. */
  onWhole?(whole: WholeSpeech, headers: Record<string, string>): void;
  /** Is called when it failed after its beginning. */
  onFailed?(failure: ApiError): void;
}

interface Place {
  frames: number;
  bytes: number;
  leave(reason: ApiError): void;
}

export function createFlight(options: FlightOptions): Flight {
  const { open, bytesPerSecond, maxBytes, kept, onWhole, onFailed } = options;
  const stop = new AbortController();
  const places = new Set<Place>();
  let buffer: SpeechBuffer | undefined;
  let isCancelled = false;

  const opened = begin();
  // Each listener awaits it; there may be none left.
  opened.catch(() => undefined);

  async function begin() {
    try {
      const { headers, source } = await open(stop);
      buffer = createSpeechBuffer(source, {
        bytesPerSecond,
        maxBytes,
        kept,
        oldestPlace: () => Math.min(...Array.from(places, ({ frames }) => frames)),
        onWhole: (whole) => onWhole?.(whole, headers),
        onFailed: (cause) => onFailed?.(toApiError(cause)),
      });
      if (isCancelled) buffer.close(clientLeft());
      return { headers, buffer };
    } catch (cause) {
      isCancelled = true;
      throw cause;
    }
  }

  function cancelWhenEmpty(): void {
    if (places.size > 0 || isCancelled) return;
    isCancelled = true;
    if (!buffer?.isOver) stop.abort(clientLeft());
    buffer?.close(clientLeft());
  }

  function removePlace(place: Place, comesBack: boolean): void {
    if (!places.delete(place)) return;
    if (places.size > 0) settle();
    else if (comesBack) setTimeout(cancelWhenEmpty, retryGraceMs);
    else cancelWhenEmpty();
  }

  /** Puts out who holds too much up, and drops what all others have heard. */
  function settle(): void {
    if (!buffer || buffer.isWhole) return;
    for (const place of places) {
      if (buffer.bytes - place.bytes > maxLagBytes) place.leave(tooSlow());
    }
    buffer.trim();
  }

  function join({ retries, timeoutSeconds }: ListenerOptions): Listener {
    let report: (outcome: SpeechOutcome) => void;
    const outcome = new Promise<SpeechOutcome>((resolve) => {
      report = resolve;
    });
    let refuse: (failure: ApiError) => void;
    const refused = new Promise<never>((_resolve, reject) => {
      refuse = reject;
    });
    // Nobody may be waiting for it.
    refused.catch(() => undefined);
    let audioBytes = 0;
    let ended: { failure: ApiError | undefined } | undefined;
    const meanwhile = () => ended;
    let idleMs = 0;
    const idle = createMovableDeadline(() => {
      const isAlone = places.size === 1;
      const limitMs = isAlone ? maxIdleMs.alone : maxIdleMs.inCompany;
      idleMs += maxIdleMs.inCompany;
      if (idleMs < limitMs) idle.moveTo(maxIdleMs.inCompany);
      else end(isAlone ? pausedTooLong() : tooSlow());
    });
    const place: Place = { frames: 0, bytes: 0, leave: end };
    places.add(place);

    function end(failure?: ApiError): void {
      if (ended) return;
      ended = { failure };
      idle.clear();
      if (failure) refuse(failure);
      report({ audioBytes, failure });
      removePlace(place, retries && !buffer && failure?.code === "client_left");
    }

    function take(frames: readonly SpeechFrame[]): void {
      place.frames += frames.length;
      place.bytes += sizeOf(frames);
      for (const frame of frames) if (frame.kind === "audio") audioBytes += frame.bytes.byteLength;
      settle();
      idleMs = 0;
      if (frames.at(-1)?.kind === "end") end();
      else idle.moveTo(maxIdleMs.inCompany);
    }

    return {
      outcome,
      leave: () => end(clientLeft()),
      async begin() {
        const late = setTimeout(() => end(deadlineExceeded(timeoutSeconds)), timeoutSeconds * 1000);
        try {
          const { headers } = await Promise.race([opened, refused]);
          return headers;
        } catch (cause) {
          const failure = toApiError(cause);
          end(failure);
          throw failure;
        } finally {
          clearTimeout(late);
        }
      },
      async read() {
        if (ended?.failure) throw ended.failure;
        if (ended) return undefined;
        idle.pause();
        try {
          const { buffer } = await opened;
          const frames = await buffer.read(place.frames);
          const left = meanwhile();
          if (left) throw left.failure ?? clientLeft();
          if (frames) take(frames);
          else end();
          return frames;
        } catch (cause) {
          const failure = toApiError(cause);
          end(failure);
          throw failure;
        }
      },
    };
  }

  return {
    get isOpen() {
      return !isCancelled && (!buffer || (buffer.isWhole && !buffer.isOver));
    },
    join,
  };
}

function tooSlow(): ApiError {
  return slow("The client read too slowly for an answer that others hear as well.");
}

function pausedTooLong(): ApiError {
  return slow(`The client read nothing for ${maxIdleMs.alone / 60_000} minutes.`);
}

function slow(message: string): ApiError {
  return new ApiError({
    status: 408,
    type: "invalid_request_error",
    code: "client_too_slow",
    message,
  });
}
