// The order in which a request's speech is looked for: what is stored, what is being spoken for somebody else, an origin.
import { ApiError } from "../shared/api-error.ts";
import type { SpeechFrame } from "../shared/frames/frame.ts";
import { type RequestDirectives, wantsNewTake } from "../shared/http/request-directives.ts";
import { fileId, soundId } from "../shared/identity.ts";
import type { SpeechRequest } from "../shared/speech-request.ts";
import type { Cache } from "./cache/cache.ts";
import type { Source } from "./cache/cache-headers.ts";
import { keepAnswer } from "./cache/keep-answer.ts";
import { ageSeconds, type StoredAudio } from "./cache/stored-audio.ts";
import { storedSpeech } from "./cache/stored-speech.ts";
import { boardFlight } from "./flight/board-flight.ts";
import { createFlight } from "./flight/flight.ts";
import type { FlightOrder } from "./flight/flight-order.ts";
import { keptBytes } from "./flight/kept-bytes.ts";
import type { FlightsObject } from "./flight/protocol.ts";
import { askOrigin } from "./origins/ask-origin.ts";
import type { OriginSpeech } from "./origins/origin-speech.ts";
import type { Settings } from "./settings.ts";
import { headersOfStored } from "./speech-headers.ts";

export interface Errand {
  request: SpeechRequest;
  directives: RequestDirectives;
  /** As `originBody` makes it. */
  body: string;
  requestId: string;
  /** How long the first audio may take. */
  timeoutSeconds: number;
  /** Whether the client is likely to try again when it gives up. */
  retries: boolean;
  /** Is aborted when the client leaves. */
  stop: AbortController;
}

export interface Surroundings {
  settings: Settings;
  cache: Cache;
  flights: DurableObjectNamespace<FlightsObject> | undefined;
  waitUntil(work: Promise<unknown>): void;
}

export interface FoundSpeech {
  source: Source;
  /** Of the file that it is, or will be, stored as; undefined where that is not known yet, or not to be. */
  fileId?: string;
  /** What only the origin knew. */
  headers: Record<string, string>;
  speech: AsyncGenerator<SpeechFrame, void>;
}

/** Throws the ApiError the client is told when there is no speech to be had. */
export async function findSpeech(errand: Errand, around: Surroundings): Promise<FoundSpeech> {
  const { request, directives } = errand;
  if (directives.noStore) {
    return { source: { name: "private" }, ...(await ask(errand, around.settings)) };
  }
  const current = await around.cache.revisions.current(request.model);
  // Until a model has spoken here for the first time, equal requests meet under a name that nothing is stored under.
  const id = await fileId(request, current?.revision ?? "");
  const found = await search(id, errand, around);
  return current ? { fileId: id, ...found } : found;
}

async function search(id: string, errand: Errand, around: Surroundings): Promise<FoundSpeech> {
  const { directives, stop } = errand;
  const { cache, flights } = around;
  const isRefresh = wantsNewTake(directives);
  const stored = isRefresh ? undefined : await youngEnough(await cache.store.find(id), directives);
  if (stored) return hit(stored, id, around);
  if (directives.onlyIfCached) throw notCached();
  if (isRefresh) return speakAlone(errand, around, "refreshed");
  if (!flights) return speakAlone(errand, around, "miss");

  const boarded = await boardFlight(flights, id, await flightOrder(errand), stop.signal);
  if (boarded?.kind === "speech") return boarded;
  const landed = await youngEnough(boarded?.stored, directives);
  return landed ? hit(landed, id, around) : speakAlone(errand, around, "miss");
}

async function youngEnough(
  stored: StoredAudio | undefined,
  { maxAgeSeconds }: RequestDirectives,
): Promise<StoredAudio | undefined> {
  if (!stored || ageSeconds(stored.facts) <= maxAgeSeconds) return stored;
  await stored.body.cancel();
  return undefined;
}

function hit(stored: StoredAudio, id: string, { cache, settings }: Surroundings): FoundSpeech {
  const { facts } = stored;
  return {
    source: { name: "hit", facts, ttlSeconds: settings.cacheTtlSeconds },
    headers: headersOfStored(facts),
    speech: storedSpeech(stored, () => cache.store.remove(id)),
  };
}

/** A flight with one passenger, which keeps what it hears for the cache all the same. */
async function speakAlone(
  errand: Errand,
  { settings, cache, waitUntil }: Surroundings,
  name: "miss" | "refreshed",
): Promise<FoundSpeech> {
  if (!cache.isOn) return { source: { name: "uncached" }, ...(await ask(errand, settings)) };
  const flight = createFlight({
    depart: (stop) => ask({ ...errand, stop }, settings),
    maxBytes: settings.cacheMaxBytes,
    kept: keptBytes,
    onWhole: (audio, end, headers) => {
      const answer = { request: errand.request, audio, end, headers };
      waitUntil(keepAnswer(answer, cache).stored);
    },
  });
  const passenger = { signal: errand.stop.signal, retries: false };
  return { source: { name }, ...(await flight.join(passenger)) };
}

async function ask(errand: Errand, settings: Settings): Promise<OriginSpeech> {
  const { request, directives, body, requestId, timeoutSeconds, stop } = errand;
  const newTake = wantsNewTake(directives);
  const routingKey = await soundId(request);
  return askOrigin({ body, newTake, requestId, routingKey, timeoutSeconds, stop }, settings);
}

async function flightOrder(errand: Errand): Promise<FlightOrder> {
  const { request, body, requestId, timeoutSeconds, retries } = errand;
  const routingKey = await soundId(request);
  return { request, body, requestId, routingKey, timeoutSeconds, retries };
}

function notCached(): ApiError {
  return new ApiError({
    status: 504,
    type: "invalid_request_error",
    code: "not_cached",
    message: "This speech is not in the cache, and the request wants it from there only.",
    headers: { "x-should-retry": "false" },
  });
}
