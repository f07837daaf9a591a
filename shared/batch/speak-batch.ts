import { type ApiError, invalidRequest } from "../api-error.ts";
import { bytesPerSecond } from "../formats.ts";
import type { SpeechEnd, SpeechFrame } from "../frames/frame.ts";
import { toApiError } from "../http/errors.ts";
import { onlyAsked, setEventsApart } from "../render/asked-events.ts";
import type { FileUrl, FileUrls } from "../render/file-url.ts";
import { type HoldingRoom, holdUntilWhole } from "../render/whole-speech.ts";
import type { SpeechEvent, Timestamps } from "../speech-events.ts";
import type { SpeechRequest } from "../speech-request.ts";
import { timestampsOf } from "../timestamps.ts";
import type { BatchItem, RefusedItem, SpeakableItem } from "./batch-request.ts";

/** Speech of one item that has been found or begun. */
export interface ItemSpeech {
  /** As a single answer would have them. */
  headers: Record<string, string>;
  speech: AsyncGenerator<SpeechFrame, void>;
  fileUrl?: FileUrl | undefined;
}

export interface BatchOptions {
  /** Speaks an item. Throws the ApiError that it fails with. */
  speak(item: SpeakableItem): Promise<ItemSpeech>;
  /** Aborted when nobody waits for the batch any more. */
  signal: AbortSignal;
  /** Items in the making, those included that wait to be taken. */
  maxAtOnce: number;
  /** What these may take together, as far as their texts tell; one is always spoken. */
  maxBytesAtOnce: number;
  /** Where each is held until it is whole. */
  room: HoldingRoom;
}

/** A file that is whole. Whoever has it reads it or returns it. */
export interface SpokenItem extends FileUrls {
  item: SpeakableItem;
  headers: Record<string, string>;
  end: SpeechEnd;
  /** Where it was asked for. */
  timestamps?: Timestamps;
  speech: AsyncGenerator<SpeechFrame, void>;
}

export interface FailedItem {
  item: BatchItem;
  error: ApiError;
}

export type ItemResult = SpokenItem | FailedItem;

const maxAttempts = 4;
/** Of all items together: a Worker has a thousand operations for a request, and 128 items take more than half of them. */
const maxRetries = 64;
const maxPauseSeconds = 60;
const firstPauseSeconds = 2;

/** At the slowest pace, about: a letter of one byte takes a twelfth of a second, an ideograph of three a quarter. */
const secondsPerByte = 0.08;

/**
 * Speaks the items of a batch, a few at once, and yields each when it is whole, or has failed: nobody has heard anything of
 * it by then, so one that a busy server refuses, or that breaks off, is tried again after a while. An item that fails fails
 * alone. Throws the signal's reason once that is aborted.
 */
export async function* speakBatch(
  items: readonly BatchItem[],
  options: BatchOptions,
): AsyncGenerator<ItemResult, void> {
  const working = new Map<number, Promise<ItemResult>>();
  const { signal, maxAtOnce, maxBytesAtOnce } = options;
  const waiting = items.filter(isSpeakable);
  const retries = { left: maxRetries };
  let bytes = 0;

  function begin(): void {
    for (let next = waiting[0]; next && working.size < maxAtOnce; next = waiting[0]) {
      const size = expectedBytes(next.request);
      if (working.size > 0 && bytes + size > maxBytesAtOnce) return;
      waiting.shift();
      bytes += size;
      const result = speakItem(next, options, retries);
      // Nobody may be waiting for it any more.
      result.catch(() => undefined);
      working.set(next.index, result);
    }
  }

  for (const item of items) if (!isSpeakable(item)) yield { item, error: item.problem };
  try {
    for (;;) {
      signal.throwIfAborted();
      begin();
      if (working.size === 0) return;
      const result = await Promise.race(working.values());
      // Held until it has been taken: only then is there room for the next one.
      yield result;
      working.delete(result.item.index);
      await returnSpeech(result);
      if (isSpeakable(result.item)) bytes -= expectedBytes(result.item.request);
    }
  } finally {
    // What was not taken, or not all of it.
    for (const result of working.values()) void result.then(returnSpeech, () => undefined);
  }
}

async function speakItem(
  item: SpeakableItem,
  options: BatchOptions,
  retries: { left: number },
): Promise<ItemResult> {
  const { speak, signal, room } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      signal.throwIfAborted();
      const { headers, speech, fileUrl } = await speak(item);
      const { timestamps, format } = item.request;
      const events: SpeechEvent[] = [];
      const audio = setEventsApart(onlyAsked(speech, item.request), events);
      const whole = await holdUntilWhole(audio, format, room);
      const told = timestamps ? { timestamps: timestampsOf(events) } : {};
      const spoken = { item, headers, ...told, ...whole };
      if (!fileUrl) return spoken;
      try {
        return { ...spoken, ...(await fileUrl(whole.end)) };
      } catch (cause) {
        await whole.speech.return();
        throw cause;
      }
    } catch (cause) {
      signal.throwIfAborted();
      const error = ofItem(toApiError(cause), room);
      if (attempt === maxAttempts || retries.left === 0 || !mayPass(error)) return { item, error };
      retries.left--;
      await pause(pauseSeconds(error, attempt), signal);
    }
  }
}

/** About how large the file will be, and no smaller as a rule. */
function expectedBytes(request: SpeechRequest): number {
  const textBytes = new TextEncoder().encode(request.input).byteLength;
  return ((textBytes * secondsPerByte) / request.speed) * bytesPerSecond(request);
}

/** Whether the same request may well succeed a little later. */
function mayPass({ status, headers }: ApiError): boolean {
  return [502, 503, 504].includes(status) && headers["x-should-retry"] !== "false";
}

function pauseSeconds({ headers }: ApiError, attempt: number): number {
  const told = Number(headers["retry-after"]);
  const seconds = told > 0 ? told : firstPauseSeconds * 2 ** (attempt - 1);
  return Math.min(maxPauseSeconds, seconds);
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  let wake = () => {};
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const timer = setTimeout(wake, seconds * 1000);
  signal.addEventListener("abort", wake, { once: true });
  await woken;
  clearTimeout(timer);
  signal.removeEventListener("abort", wake);
  signal.throwIfAborted();
}

/** In words for somebody who cannot have an item streamed. */
function ofItem(error: ApiError, { maxBytes }: HoldingRoom): ApiError {
  if (error.code !== "file_too_large") return error;
  return invalidRequest(
    "file_too_large",
    `The file of an item must have at most ${maxBytes} bytes, since it is held until it is whole; this one has more.`,
    "response_format",
  );
}

export function isSpeakable(item: SpeakableItem | RefusedItem): item is SpeakableItem {
  return "request" in item;
}

export function isFailed(result: ItemResult): result is FailedItem {
  return "error" in result;
}

function returnSpeech(result: ItemResult): Promise<unknown> | undefined {
  return isFailed(result) ? undefined : result.speech.return();
}
