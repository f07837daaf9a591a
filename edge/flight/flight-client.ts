import { ApiError, fromEnvelope } from "../../shared/api-error.ts";
import { openFrames, type SpeechSource } from "../../shared/frames/read-frames.ts";
import type { StoredAudio } from "../cache/stored-audio.ts";
import { badGateway, clientLeft, flightOverloaded } from "../errors.ts";
import { logFault } from "../log-fault.ts";
import type { SpeechOutcome } from "../speech-outcome.ts";
import {
  type FileOrder,
  type FlightOrder,
  type FlightsObject,
  protocolVersion,
  type WireError,
} from "./protocol.ts";

/** What a file's object had: the file, whole, or its speech with others listening or to come. */
export type Joined = { kind: "stored"; stored: StoredAudio } | JoinedSpeech;

export interface JoinedSpeech {
  kind: "speech";
  /** Whether it was being spoken for somebody else. */
  hasJoined: boolean;
  headers: Record<string, string>;
  /** In the delivery that was asked for. */
  body: ReadableStream<Uint8Array>;
  /** The same, for a delivery in frames. */
  frames(): SpeechSource;
  leave(): void;
  outcome: Promise<SpeechOutcome>;
}

type FlightStub = DurableObjectStub<FlightsObject>;
type SessionStub = ReturnType<FlightStub["speak"]>;
type Flights = DurableObjectNamespace<FlightsObject>;

/** The files whose speech this isolate has asked for last, each of which has an object. */
const asked = new Set<string>();
const maxAsked = 10_000;

/**
 * Has a file spoken together with whoever else wants it now. Undefined where its object is of another version or fails:
 * whoever asks is better served alone than not at all. Throws the ApiError that the speech failed with, and the signal's
 * reason.
 */
export async function speakTogether(
  flights: Flights,
  fileId: string,
  order: Omit<FlightOrder, "version">,
  signal: AbortSignal,
): Promise<Joined | undefined> {
  noteAsked(fileId);
  const versioned = { ...order, version: protocolVersion };
  return open(flights, fileId, (flight) => flight.speak(versioned), signal);
}

/**
 * Finds a file that is being spoken or was a moment ago, or that KV shows there and not here yet. Any id has an object as
 * soon as it is asked: so only for one that is known to be good, since this server has signed a link to it or has it
 * spoken.
 */
export async function findTogether(
  flights: Flights,
  order: Omit<FileOrder, "version"> & { isSigned: boolean },
  signal: AbortSignal,
): Promise<Joined | undefined> {
  const { isSigned, ...rest } = order;
  if (!isSigned && !asked.has(order.fileId)) return undefined;
  const versioned = { ...rest, version: protocolVersion };
  return open(flights, order.fileId, (flight) => flight.find(versioned), signal);
}

function noteAsked(fileId: string): void {
  asked.delete(fileId);
  asked.add(fileId);
  const [oldest] = asked;
  if (asked.size > maxAsked && oldest !== undefined) asked.delete(oldest);
}

/** Only an object that is overloaded is a 503: all whom it cannot answer would else be spoken to by themselves. */
async function open(
  flights: Flights,
  name: string,
  ask: (flight: FlightStub) => SessionStub,
  signal: AbortSignal,
): Promise<Joined | undefined> {
  signal.throwIfAborted();
  try {
    const session = ask(flights.getByName(name));
    const leave = () => void session.leave().catch(() => undefined);
    signal.addEventListener("abort", leave, { once: true });
    const answer = await session.open();
    if (answer.kind === "failed") throw apiError(answer.failure);
    if (answer.kind === "stored") return { kind: "stored", stored: answer };
    if (answer.kind !== "speech") return undefined;
    const frames = () => framesFrom(answer.body, signal);
    return { ...answer, frames, leave, outcome: outcomeOf(session) };
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    signal.throwIfAborted();
    if (isOverloaded(cause)) throw flightOverloaded(cause);
    logFault("a flight could not be asked", cause);
    return undefined;
  }
}

/** Their digest has been proven where they come from. */
function framesFrom(body: ReadableStream<Uint8Array>, signal: AbortSignal): SpeechSource {
  const source = openFrames(body);
  return {
    cancel: () => source.cancel(),
    async read() {
      try {
        return await source.read();
      } catch (cause) {
        if (cause instanceof ApiError) throw cause;
        throw signal.aborted ? clientLeft() : badGateway("The speech broke off.", cause);
      }
    },
  };
}

/** Never rejects: an object that is gone has taken its speech with it. */
async function outcomeOf(session: SessionStub): Promise<SpeechOutcome> {
  try {
    const { audioBytes, failure } = await session.outcome();
    return { audioBytes, failure: failure && apiError(failure) };
  } catch (cause) {
    return { audioBytes: 0, failure: badGateway("The speech broke off.", cause) };
  }
}

function apiError({ status, envelope, headers }: WireError): ApiError {
  return fromEnvelope(status, envelope, headers);
}

/** https://developers.cloudflare.com/durable-objects/best-practices/error-handling/ */
function isOverloaded(cause: unknown): boolean {
  return cause instanceof Error && "overloaded" in cause && cause.overloaded === true;
}
