import { DurableObject, RpcTarget } from "cloudflare:workers";
import { ApiError } from "../../shared/api-error.ts";
import { bytesPerSecond } from "../../shared/formats.ts";
import { toApiError } from "../../shared/http/errors.ts";
import type { Correlation } from "../../shared/http/trace-context.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { sharing } from "../auth/caller.ts";
import { type Cache, findFile, openCache } from "../cache/cache.ts";
import { keepAnswer } from "../cache/keep-answer.ts";
import {
  type AudioFile,
  isWanted,
  letGo,
  type StoredAudio,
  tellsEnough,
} from "../cache/stored-audio.ts";
import type { Env } from "../env.ts";
import { clientLeft } from "../errors.ts";
import { logFault, requestFacts } from "../log-fault.ts";
import { askOrigin } from "../origins/ask-origin.ts";
import { settingsOf } from "../settings.ts";
import { voiceFilesOf } from "../voices/voice-files.ts";
import { createFlight, type Flight, type Listener, type ListenerOptions } from "./flight.ts";
import { createJustFinished } from "./just-finished.ts";
import { keptBytes } from "./kept-bytes.ts";
import { type Delivery, listenerStream } from "./listener-stream.ts";
import {
  type FileOrder,
  type FlightAnswer,
  type FlightOrder,
  type FlightSession,
  type FlightsObject,
  protocolVersion,
  type WireError,
  type WireOutcome,
} from "./protocol.ts";

/** Who has this much time left when a flight is late for somebody with less has it spoken anew. */
const worthwhileSeconds = 1;

/** One object for each file, by its id, so that the file is spoken once. */
export class Flights extends DurableObject<Env> implements FlightsObject {
  #flight: Flight | undefined;
  #request: SpeechRequest | undefined;
  #isBatch = false;
  #finished = createJustFinished(keptBytes);

  /** Has the speech that is being made or has just been, else what the cache has by now, else an origin's. */
  speak(order: FlightOrder): FlightSession {
    const { version, correlation } = order;
    return new Session(version, (session) => this.#speak(order, session), correlation);
  }

  /** Has the file that is being made or has just been, or that the cache has by now. */
  find(order: FileOrder): FlightSession {
    return new Session(order.version, (session) => this.#find(order, session));
  }

  async #speak(order: FlightOrder, session: Session): Promise<FlightAnswer> {
    const { request, delivery, retries } = order;
    const endsAt = Date.now() + order.timeoutSeconds * 1000;
    const cache = openCache(this.env, settingsOf(this.env));
    let timeoutSeconds = order.timeoutSeconds;
    for (let hasLooked = false; ; hasLooked = true) {
      const file = await this.#finished.file;
      if (file && tellsEnough(file.events?.level, request.timestamps)) {
        return storedAnswer(storedOf(file));
      }
      // Nothing is awaited from here to the launch: of those who come together, one launches.
      const isTold = tellsEnough(this.#request?.timestamps, request.timestamps);
      const joined = this.#flight?.isOpen && isTold ? this.#flight : undefined;
      if (joined) {
        const wasBatch = this.#isBatch;
        try {
          const listener = session.listen(joined, { retries, timeoutSeconds });
          return await speechAnswer(listener, delivery, true);
        } catch (cause) {
          timeoutSeconds = Math.min(timeoutSeconds, (endsAt - Date.now()) / 1000);
          const isForOthers = isTooLate(cause) || (wasBatch && !order.isBatch && isBusy(cause));
          if (!isForOthers || timeoutSeconds < worthwhileSeconds) throw cause;
          continue;
        }
      }
      if (hasLooked) {
        const flight = this.#launch({ ...order, timeoutSeconds }, cache);
        const listener = session.listen(flight, { retries, timeoutSeconds });
        return speechAnswer(listener, delivery, false);
      }
      // A second look: KV remembers a miss for a while, in each place on its own.
      const fleet = await cache.revisions.current(request.model);
      const found = await findFile(request, fleet, cache);
      if (found) return storedAnswer(found.stored);
    }
  }

  async #find(order: FileOrder, session: Session): Promise<FlightAnswer> {
    const { fileId, wanted, whole, timeoutSeconds } = order;
    if (this.#flight?.isOpen && this.#request && isWanted(this.#request, wanted)) {
      const listener = session.listen(this.#flight, { retries: false, timeoutSeconds });
      if (!whole) return speechAnswer(listener, "audio", true);
      await hearOut(listener);
    }
    const file = await this.#finished.file;
    const stored = file
      ? storedOf(file)
      : await openCache(this.env, settingsOf(this.env)).store.find(fileId);
    if (stored && isWanted(stored.facts, wanted)) return storedAnswer(stored);
    if (stored) await letGo(stored);
    return { kind: "nothing" };
  }

  #launch(order: FlightOrder, cache: Cache): Flight {
    const settings = settingsOf(this.env);
    const { request, body, correlation, owner, routingKey, timeoutSeconds, isBatch } = order;
    const voiceFiles = voiceFilesOf(this.env.VOICES, owner);
    this.#request = request;
    this.#isBatch = isBatch;
    this.#flight = createFlight({
      open: (stop) =>
        askOrigin(
          {
            ...{ body, correlation, voiceFiles, routingKey, timeoutSeconds, isBatch, stop },
            caller: sharing(owner),
          },
          settings,
        ),
      bytesPerSecond: bytesPerSecond(request),
      maxBytes: settings.cacheMaxBytes,
      kept: keptBytes,
      onWhole: (whole, headers) => {
        const { file, stored } = keepAnswer({ request, ...whole, headers }, cache);
        this.#finished.remember(file);
        this.ctx.waitUntil(stored);
      },
      onFailed: (failure) => logFailure(failure, correlation),
    });
    return this.#flight;
  }
}

/** Whoever asks may leave at any time, also before there is anything to listen to. */
class Session extends RpcTarget implements FlightSession {
  readonly #version: number;
  readonly #answer: (session: Session) => Promise<FlightAnswer>;
  readonly #correlation: Correlation | undefined;
  #listener: Listener | undefined;
  #hasLeft = false;

  constructor(
    version: number,
    answer: (session: Session) => Promise<FlightAnswer>,
    correlation?: Correlation,
  ) {
    super();
    this.#correlation = correlation;
    this.#version = version;
    this.#answer = answer;
  }

  listen(flight: Flight, options: ListenerOptions): Listener {
    if (this.#hasLeft) throw clientLeft();
    this.#listener = flight.join(options);
    return this.#listener;
  }

  async open(): Promise<FlightAnswer> {
    if (this.#version !== protocolVersion) return { kind: "other_version" };
    try {
      return await this.#answer(this);
    } catch (cause) {
      const failure = toApiError(cause);
      logFailure(failure, this.#correlation);
      return { kind: "failed", failure: wireError(failure) };
    }
  }

  leave(): void {
    this.#hasLeft = true;
    this.#listener?.leave();
  }

  async outcome(): Promise<WireOutcome> {
    if (!this.#listener) throw new Error("there is no speech to end");
    const { audioBytes, failure } = await this.#listener.outcome;
    return { audioBytes, ...(failure ? { failure: wireError(failure) } : {}) };
  }

  /** The Worker is gone, however it ended. */
  [Symbol.dispose](): void {
    this.leave();
  }
}

async function speechAnswer(
  listener: Listener,
  delivery: Delivery,
  hasJoined: boolean,
): Promise<FlightAnswer> {
  const headers = await listener.begin();
  return { kind: "speech", hasJoined, headers, body: listenerStream(listener, delivery) };
}

async function hearOut(listener: Listener): Promise<void> {
  await listener.begin();
  for (let isOver = false; !isOver; ) isOver = !(await listener.read());
}

function storedAnswer({ facts, body, events }: StoredAudio): FlightAnswer {
  return { kind: "stored", facts, body, events };
}

/** Piece by piece: put together, it would be in memory once more for everybody who comes late. */
function storedOf({ facts, parts, events }: AudioFile): StoredAudio {
  const rest = parts.values();
  const body: ReadableStream<Uint8Array> = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { done, value } = rest.next();
      if (!done) return controller.enqueue(value.slice());
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
  return { facts, body, events };
}

/** Those who listen are told what failed; why is for the log. */
function logFailure(failure: ApiError, correlation: Correlation | undefined): void {
  const facts = correlation ? requestFacts(correlation) : {};
  if (failure.cause) logFault(`a flight failed: ${failure.code}`, failure.cause, facts);
}

/** Whether it only failed for the time that somebody had. */
function isTooLate(cause: unknown): boolean {
  return cause instanceof ApiError && cause.code === "deadline_exceeded";
}

/** Whether an origin had no room: who is not part of a batch may be given some where a batch is not. */
function isBusy(cause: unknown): boolean {
  return cause instanceof ApiError && cause.code === "server_is_overloaded";
}

function wireError({ status, envelope, headers }: ApiError): WireError {
  return { status, envelope, headers };
}
