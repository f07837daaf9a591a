// What the Worker and the object of a file say to each other. During a gradual deployment they may be of two versions,
// which then do not understand each other, and the Worker has its own listeners spoken to.

import type { ErrorEnvelope } from "../../shared/api-error.ts";
import type { Correlation } from "../../shared/http/trace-context.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { AudioFacts, KeptEvents, WantedFile } from "../cache/stored-audio.ts";
import type { Delivery } from "./listener-stream.ts";

/** Raise it with every change of what is said. */
export const protocolVersion = 5;

/** A request for speech, to be spoken if need be. */
export interface FlightOrder {
  version: number;
  request: SpeechRequest;
  delivery: Delivery;
  /** The id of the key that asks, whose kept voices the body may name. */
  owner: string;
  /** As `originBody` makes it. */
  body: string;
  correlation: Correlation;
  routingKey: string;
  /** How long the first audio may take. */
  timeoutSeconds: number;
  /** Whether the client is likely to try again when it gives up. */
  retries: boolean;
  /** Whether it is part of a batch, and may wait until others have been spoken. */
  isBatch: boolean;
}

/** A request for a file by its id, if there is one. */
export interface FileOrder {
  version: number;
  fileId: string;
  wanted: WantedFile;
  /** Whether only the whole file will do, however long it is still being spoken. */
  whole: boolean;
  timeoutSeconds: number;
}

export type FlightAnswer =
  /** A file that is whole. */
  | {
      kind: "stored";
      facts: AudioFacts;
      body: ReadableStream<Uint8Array> | Uint8Array;
      events: KeptEvents | undefined;
    }
  /** Speech with others listening or to come. */
  | {
      kind: "speech";
      hasJoined: boolean;
      headers: Record<string, string>;
      body: ReadableStream<Uint8Array>;
    }
  | { kind: "failed"; failure: WireError }
  | { kind: "nothing" }
  | { kind: "other_version" };

/** An ApiError: RPC would keep its message alone. */
export interface WireError {
  status: number;
  envelope: ErrorEnvelope;
  headers: Record<string, string>;
}

export interface WireOutcome {
  audioBytes: number;
  failure?: WireError;
}

/** One request's stay with the object. */
export interface FlightSession extends Rpc.RpcTargetBranded {
  /** Answers it; once. */
  open(): Promise<FlightAnswer>;
  /** Says that nobody waits for it any more, before or after its answer has begun. */
  leave(): void;
  /** How its speech ended, once it has. */
  outcome(): Promise<WireOutcome>;
}

/** What the Worker can ask of the object of one file. */
export interface FlightsObject extends Rpc.DurableObjectBranded {
  speak(order: FlightOrder): FlightSession;
  find(order: FileOrder): FlightSession;
}
