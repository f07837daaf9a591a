// The order in which a request's speech is looked for: what is stored, what is being spoken for somebody else, an origin.

import { ApiError } from "../shared/api-error.ts";
import { bytesPerSecond } from "../shared/formats.ts";
import type { SpeechSource } from "../shared/frames/read-frames.ts";
import { type RequestDirectives, wantsNewTake } from "../shared/http/request-directives.ts";
import type { Correlation } from "../shared/http/trace-context.ts";
import { fileId, soundId } from "../shared/identity.ts";
import { type ModelRevision, spokenModel } from "../shared/model-revision.ts";
import type { SpeechRequest } from "../shared/speech-request.ts";
import { sharing } from "./auth/caller.ts";
import { type Cache, type FoundFile, fileIdBy, findFile } from "./cache/cache.ts";
import type { Source } from "./cache/cache-headers.ts";
import { keepAnswer } from "./cache/keep-answer.ts";
import { sendStored, storedSource } from "./cache/send-stored.ts";
import { ageSeconds, letGo, type StoredAudio } from "./cache/stored-audio.ts";
import { createFlight } from "./flight/flight.ts";
import { findTogether, type JoinedSpeech, speakTogether } from "./flight/flight-client.ts";
import { keptBytes } from "./flight/kept-bytes.ts";
import { type Delivery, listenerStream } from "./flight/listener-stream.ts";
import type { FlightsObject } from "./flight/protocol.ts";
import { askOrigin } from "./origins/ask-origin.ts";
import type { Settings } from "./settings.ts";
import { headersOfStored } from "./speech-headers.ts";
import { type SpeechOutcome, watch } from "./speech-outcome.ts";
import { voiceFilesOf } from "./voices/voice-files.ts";

/** A client's request for speech, with all that matters for where it is found. */
export interface SpeechQuery {
  request: SpeechRequest;
  directives: RequestDirectives;
  /** Whether a new take of this client's replaces what others hear. */
  mayRefresh: boolean;
  delivery: Delivery;
  /** The id of the key that asks, whose kept voices the body may name. */
  owner: string;
  /** As `originBody` makes it. */
  body: string;
  correlation: Correlation;
  /** How long the first audio may take. */
  timeoutSeconds: number;
  /** Whether the client is likely to try again when it gives up. */
  retries: boolean;
  /** Whether it is part of a batch, and may wait until others have been spoken. */
  isBatch?: boolean;
  /** Is aborted when the client leaves. */
  signal: AbortSignal;
}

export interface Surroundings {
  settings: Settings;
  /** Of kept voices. */
  voices: KVNamespace | undefined;
  cache: Cache;
  flights: DurableObjectNamespace<FlightsObject> | undefined;
  waitUntil(work: Promise<unknown>): void;
}

/** Speech that has been found or begun. Whoever has it reads it, in the delivery that was asked for, or cancels it. */
export interface FoundSpeech {
  source: Source;
  /** Of the file that it is, or will be, stored as; undefined where that is not known yet, or not to be. */
  fileId?: string;
  /** What only the origin knew. */
  headers: Record<string, string>;
  /** The bare file. */
  audio(): Uint8Array | ReadableStream<Uint8Array>;
  frames(): SpeechSource;
  /** Lets go of it, read or not. */
  cancel(): void;
  outcome: Promise<SpeechOutcome>;
}

/** Throws the ApiError the client is told when there is no speech to be had. */
export async function findSpeech(query: SpeechQuery, around: Surroundings): Promise<FoundSpeech> {
  const { request, directives, mayRefresh } = query;
  const { cache, flights } = around;
  const isNewTake = wantsNewTake(directives);
  const isPrivate = directives.noStore && !directives.onlyIfCached;
  if (isPrivate) return speakAlone(query, around, "private");

  const fleet = await cache.revisions.current(request.model);
  const found = isNewTake ? undefined : await findFile(request, fleet, cache);
  if (found && (await isYoungEnough(found.stored, directives))) return hit(found, around);
  // Until a model has spoken here for the first time, equal requests meet under a name that nothing is stored under.
  const [newest] = fleet;
  const id = await (newest ? fileIdBy(request, newest) : fileId(request, ""));
  if (directives.onlyIfCached)
    return hit({ id, stored: await lookAgain(query, id, newest, flights) }, around);
  if (!cache.isOn && !flights) return speakAlone(query, around, "uncached");
  const known = newest && !isNewTake ? { fileId: id } : {};
  if (isNewTake) return speakAlone(query, around, mayRefresh ? "refreshed" : "new_take");
  if (!flights) return { ...known, ...(await speakAlone(query, around, "miss")) };

  const joined = await speakTogether(flights, id, await flightOrder(query), query.signal);
  if (joined?.kind === "speech") return { ...known, ...listening(joined) };
  if (joined && (await isYoungEnough(joined.stored, directives))) {
    return hit({ id, stored: joined.stored }, around);
  }
  return { ...known, ...(await speakAlone(query, around, "miss")) };
}

/** KV remembers a miss for a while: what has been spoken from here since is asked of where it was. Throws a 504. */
async function lookAgain(
  { request, directives, timeoutSeconds, signal }: SpeechQuery,
  id: string,
  build: ModelRevision | undefined,
  flights: Surroundings["flights"],
): Promise<StoredAudio> {
  const { format, model } = request;
  const wanted = { format, models: [model, spokenModel(model, build ?? {})] };
  const order = { fileId: id, isSigned: false, wanted, whole: true, timeoutSeconds };
  const there = flights && (await findTogether(flights, order, signal));
  if (there?.kind !== "stored" || !(await isYoungEnough(there.stored, directives)))
    throw notCached();
  return there.stored;
}

async function isYoungEnough(
  stored: StoredAudio,
  { maxAgeSeconds }: RequestDirectives,
): Promise<boolean> {
  if (ageSeconds(stored.facts) <= maxAgeSeconds) return true;
  await letGo(stored);
  return false;
}

function hit({ id, stored }: FoundFile, { cache, settings }: Surroundings): FoundSpeech {
  const { facts } = stored;
  const onDamaged = (damage: Error) => cache.store.remove(id, damage);
  let report: (outcome: SpeechOutcome | Promise<SpeechOutcome>) => void = () => undefined;
  const outcome = new Promise<SpeechOutcome>((resolve) => {
    report = resolve;
  });
  return {
    source: { name: "hit", facts, ttlSeconds: settings.cacheTtlSeconds },
    fileId: id,
    headers: headersOfStored(facts),
    outcome,
    audio() {
      const sent = sendStored(stored, onDamaged);
      report(sent.outcome);
      return sent.body;
    },
    frames() {
      const watched = watch(storedSource(stored, onDamaged));
      report(watched.outcome);
      return watched.source;
    },
    cancel: () => void letGo(stored),
  };
}

function listening({
  hasJoined,
  headers,
  body,
  frames,
  leave,
  outcome,
}: JoinedSpeech): FoundSpeech {
  const source = { name: hasJoined ? "joined" : "miss" } as const;
  return { source, headers, audio: () => body, frames, cancel: leave, outcome };
}

/** A flight with one listener, whose speech is kept for the cache all the same where it may be. */
async function speakAlone(
  query: SpeechQuery,
  { settings, cache, voices, waitUntil }: Surroundings,
  wish: "miss" | "refreshed" | "new_take" | "private" | "uncached",
): Promise<FoundSpeech> {
  const { request, directives, body, correlation, timeoutSeconds, isBatch = false, signal } = query;
  const newTake = wantsNewTake(directives);
  const voiceFiles = voiceFilesOf(voices, query.owner);
  const routingKey = await soundId(request);
  // Who has left by now tells so no more: nothing is begun for nobody.
  signal.throwIfAborted();
  const name = cache.isOn || wish === "private" ? wish : "uncached";
  const isKept = cache.isOn && (name === "miss" || name === "refreshed");
  const flight = createFlight({
    open: (stop) =>
      askOrigin(
        {
          ...{ body, newTake, isBatch, correlation, voiceFiles, routingKey, timeoutSeconds, stop },
          caller: sharing(query.owner),
        },
        settings,
      ),
    bytesPerSecond: bytesPerSecond(request),
    maxBytes: isKept ? settings.cacheMaxBytes : 0,
    kept: keptBytes,
    onWhole(whole, headers) {
      if (isKept) waitUntil(keepAnswer({ request, ...whole, headers }, cache).stored);
    },
  });
  const listener = flight.join({ retries: false, timeoutSeconds });
  const leave = () => listener.leave();
  signal.addEventListener("abort", leave, { once: true });
  return {
    source: { name },
    headers: await listener.begin(),
    audio: () => listenerStream(listener, "audio"),
    frames: () => ({ read: listener.read, cancel: async () => leave() }),
    cancel: leave,
    outcome: listener.outcome,
  };
}

async function flightOrder(query: SpeechQuery) {
  const { isBatch = false, directives: _, mayRefresh: __, signal: ___, ...order } = query;
  return { ...order, isBatch, routingKey: await soundId(query.request) };
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
