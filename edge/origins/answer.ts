import { type ApiError, errorEnvelopeSchema, fromEnvelope } from "../../shared/api-error.ts";
import { framesMediaType, type SpeechFrame } from "../../shared/frames/frame.ts";
import { readFrames } from "../../shared/frames/read-frames.ts";
import { createBodyDigest } from "../digest.ts";
import { badGateway } from "../gateway-errors.ts";

/** What only the origin knows of its answer. */
const speechHeaders = ["x-engine", "x-seed", "x-sample-rate", "x-ignored-fields"];
const errorHeaders = ["retry-after", "x-should-retry"];

/**
 * Takes an origin's answer for speech. Throws the error it carries instead, and a 502 for an answer that is neither:
 * proxies between edge and origin have pages of their own.
 */
export async function speechFrames(answer: Response): Promise<AsyncGenerator<SpeechFrame, void>> {
  if (answer.status !== 200 || !answer.body) throw await originError(answer);
  if (mediaType(answer) !== framesMediaType) {
    await answer.body.cancel();
    throw badGateway(`The speech origin answered with ${mediaType(answer)} instead of speech.`);
  }
  return readFrames(answer.body, createBodyDigest());
}

/** The headers of an origin's speech that reach the client. */
export function originHeaders(answer: Response): Record<string, string> {
  return pick(answer.headers, speechHeaders);
}

async function originError(answer: Response): Promise<ApiError> {
  const { status } = answer;
  const envelope = errorEnvelopeSchema.safeParse(parseJson(await answer.text()));
  if (status < 400 || !envelope.success) {
    return badGateway(`The speech origin answered ${status} without an error of its own.`);
  }
  if (status === 401 || status === 403) {
    // The edge's credentials, not the client's: passed on, the client would look for the fault in its own key.
    return badGateway("The speech origin does not accept this server's ORIGIN_TOKEN.");
  }
  return fromEnvelope(status, envelope.data, pick(answer.headers, errorHeaders));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mediaType(answer: Response): string {
  const type = answer.headers.get("content-type") ?? "no media type";
  return type.split(";", 1)[0]?.trim().toLowerCase() ?? type;
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
