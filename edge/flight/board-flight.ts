import { ApiError, errorEnvelopeSchema, fromEnvelope } from "../../shared/api-error.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { readFrames } from "../../shared/frames/read-frames.ts";
import type { Source } from "../cache/cache-headers.ts";
import { audioFactsSchema, type StoredAudio } from "../cache/stored-audio.ts";
import { createBodyDigest } from "../digest.ts";
import { badGateway, clientLeft } from "../errors.ts";
import type { WantedFile } from "../files/wanted-file.ts";
import { logFault } from "../log-fault.ts";
import { originHeaders, refusalHeaders } from "../origins/answer.ts";
import type { OriginSpeech } from "../origins/origin-speech.ts";
import { type FlightOrder, factsHeader, roleHeader } from "./flight-order.ts";
import type { FlightsObject } from "./protocol.ts";

/** What a flight's object had: a file that is stored by now, or speech with others listening or to come. */
export type Boarded =
  | { kind: "stored"; stored: StoredAudio }
  | ({ kind: "speech"; source: Source } & OriginSpeech);

/**
 * Asks the flights' object of that name. Undefined when the object itself fails, which is logged: whoever asks is better
 * served alone than not at all. Throws the ApiError that the speech failed with, and the signal's reason.
 */
export async function boardFlight(
  flights: DurableObjectNamespace<FlightsObject>,
  name: string,
  order: FlightOrder,
  signal: AbortSignal,
): Promise<Boarded | undefined> {
  const body = JSON.stringify(order);
  return ask(flights, name, "https://flight/", { method: "POST", body, signal });
}

/** Joins what is being spoken, or was a moment ago, under that name. Throws a 404 when there is nothing. */
export async function joinFlight(
  flights: DurableObjectNamespace<FlightsObject>,
  name: string,
  { format, models }: WantedFile,
  signal: AbortSignal,
): Promise<Boarded | undefined> {
  const query = new URLSearchParams([["format", format], ...models.map((id) => ["model", id])]);
  return ask(flights, name, `https://flight/?${query}`, { signal });
}

async function ask(
  flights: DurableObjectNamespace<FlightsObject>,
  name: string,
  url: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Boarded | undefined> {
  let answer: Response;
  try {
    answer = await flights.get(flights.idFromName(name)).fetch(url, init);
  } catch (cause) {
    init.signal.throwIfAborted();
    logFault("a flight could not be asked", cause);
    return undefined;
  }
  if (!answer.ok || !answer.body) throw await errorOf(answer);
  const facts = answer.headers.get(factsHeader);
  if (facts) {
    const stored = { facts: audioFactsSchema.parse(JSON.parse(facts)), body: answer.body };
    return { kind: "stored", stored };
  }
  const hasJoined = answer.headers.get(roleHeader) === "joined";
  const source: Source = { name: hasJoined ? "joined" : "miss" };
  const speech = aboard(answer.body, init.signal);
  return { kind: "speech", source, headers: originHeaders(answer), speech };
}

async function* aboard(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<SpeechFrame, void> {
  try {
    yield* readFrames(body, createBodyDigest());
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    if (signal.aborted) throw clientLeft();
    throw badGateway("The speech broke off.", cause);
  }
}

async function errorOf(answer: Response): Promise<ApiError> {
  const envelope = errorEnvelopeSchema.parse(await answer.json());
  return fromEnvelope(answer.status, envelope, refusalHeaders(answer));
}
