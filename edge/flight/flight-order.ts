import type { SpeechRequest } from "../../shared/speech-request.ts";

/** What the Worker tells a flight's object, as JSON. */
export interface FlightOrder {
  request: SpeechRequest;
  /** As `originBody` makes it. */
  body: string;
  requestId: string;
  routingKey: string;
  timeoutSeconds: number;
  /** Whether the client is likely to try again when it gives up. */
  retries: boolean;
}

/** How a passenger came aboard; on an answer in frames. */
export const roleHeader = "x-flight-role";

/** The facts of a stored file as JSON, on an answer that is the file itself. */
export const factsHeader = "x-stored-audio";
