// One synthesis for everybody who asks for it while it is spoken. The fastest reader sets its pace. As long as all of it
// is kept, newcomers hear it from the beginning; once it has grown too large for that, nobody else is admitted and
// whoever falls too far behind is put out.
import { ApiError } from "../../shared/api-error.ts";
import type { SpeechEnd, SpeechFrame } from "../../shared/frames/frame.ts";
import { clientLeft } from "../errors.ts";
import type { OriginSpeech } from "../origins/origin-speech.ts";
import type { KeptBytes } from "./kept-bytes.ts";
import { createTape, sizeOf, type Tape } from "./tape.ts";

const maxLagBytes = 4 * 1024 * 1024;
const maxIdleMs = 30_000;

/** OpenAI's SDKs come back half a second to a second after their first try. */
const retryGraceMs = 2000;

export interface Flight {
  /** Whether somebody who comes now would hear all of it. */
  readonly isOpen: boolean;
  /** Comes aboard. Rejects with what keeps the speech from beginning. */
  join(passenger: Passenger): Promise<OriginSpeech>;
}

export interface Passenger {
  /** Is aborted when it leaves. The last to leave ends the synthesis. */
  signal: AbortSignal;
  /** Whether it is likely to come back when it leaves before the first audio. */
  retries: boolean;
}

export interface FlightOptions {
  /** Has an origin speak until `stop` is aborted. */
  depart(stop: AbortController): Promise<OriginSpeech>;
  /** Of the most audio that is kept whole. */
  maxBytes: number;
  kept: KeptBytes;
  /** Is called with all of it when it has been spoken and kept. */
  onWhole(audio: Uint8Array[], end: SpeechEnd, headers: Record<string, string>): void;
}

interface Reader {
  place: number;
  bytes: number;
  retries: boolean;
  putOut?: ApiError;
}

export function createFlight({ depart, maxBytes, kept, onWhole }: FlightOptions): Flight {
  const stop = new AbortController();
  const aboard = new Set<Reader>();
  let tape: Tape | undefined;
  let isCancelled = false;

  const departed = begin();
  // Each reader awaits it; there may be none left.
  departed.catch(() => undefined);

  async function begin() {
    try {
      const { headers, speech } = await depart(stop);
      const all = (audio: Uint8Array[], end: SpeechEnd) => onWhole(audio, end, headers);
      tape = createTape(speech, { maxBytes, kept, oldestPlace, onWhole: all });
      if (isCancelled) tape.close();
      return { headers, tape };
    } catch (cause) {
      isCancelled = true;
      throw cause;
    }
  }

  function leave(reader: Reader): void {
    if (!aboard.delete(reader)) return;
    if (aboard.size > 0) settle();
    else if (!tape && reader.retries) setTimeout(cancelWhenEmpty, retryGraceMs);
    else cancelWhenEmpty();
  }

  function cancelWhenEmpty(): void {
    if (aboard.size > 0 || isCancelled) return;
    isCancelled = true;
    if (!tape?.isOver) stop.abort(clientLeft());
    tape?.close();
  }

  function settle(): void {
    if (!tape || tape.isWhole) return;
    for (const reader of aboard) {
      if (tape.bytes - reader.bytes > maxLagBytes) putOut(reader);
    }
    tape.trim();
  }

  function oldestPlace(): number {
    return Math.min(...Array.from(aboard, ({ place }) => place));
  }

  function putOut(reader: Reader): void {
    reader.putOut = tooSlow();
    leave(reader);
  }

  async function* listen(reader: Reader, to: Tape): AsyncGenerator<SpeechFrame, void> {
    try {
      for (;;) {
        if (reader.putOut) throw reader.putOut;
        const frame = to.at(reader.place);
        if (frame) {
          reader.place++;
          reader.bytes += sizeOf(frame);
          settle();
          const idle = setTimeout(() => putOut(reader), maxIdleMs);
          try {
            yield frame;
          } finally {
            clearTimeout(idle);
          }
        } else if (!(await to.advance())) return;
      }
    } finally {
      leave(reader);
    }
  }

  return {
    get isOpen() {
      return !isCancelled && (!tape || (tape.isWhole && !tape.isOver));
    },
    async join({ signal, retries }) {
      const reader: Reader = { place: 0, bytes: 0, retries };
      aboard.add(reader);
      if (signal.aborted) leave(reader);
      else signal.addEventListener("abort", () => leave(reader), { once: true });
      const { headers, tape } = await departed;
      return { headers, speech: listen(reader, tape) };
    },
  };
}

function tooSlow(): ApiError {
  return new ApiError({
    status: 408,
    type: "invalid_request_error",
    code: "client_too_slow",
    message: "The client read too slowly for an answer that others hear as well.",
  });
}
