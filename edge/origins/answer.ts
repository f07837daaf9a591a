import { type ApiError, errorEnvelopeSchema, fromEnvelope } from "../../shared/api-error.ts";
import { framesMediaType } from "../../shared/frames/frame.ts";
import { openFrames, type SpeechSource } from "../../shared/frames/read-frames.ts";
import { unavailableCodes } from "../../shared/unavailable-codes.ts";
import { createBodyDigest } from "../digest.ts";
import { badGateway, originUnreachable } from "../errors.ts";
import { saysUnreachable } from "./reachability.ts";
import { refusesToken } from "./tokens.ts";
import { TryElsewhere } from "./try-elsewhere.ts";

/** What only the origin knows of its answer. */
const speechHeaders = [
  "x-engine",
  "x-resolved-model",
  "x-speech",
  "x-seed",
  "x-sample-rate",
  "x-ignored-fields",
  "x-ignored-elements",
  // For the cache; clients are told the edge's own.
  "cache-control",
];
const errorHeaders = ["retry-after", "x-should-retry"];

/**
 * Takes an origin's answer for speech. Throws the error it carries instead, and TryElsewhere for what is true of this
 * origin alone: it has no engine for the request, does not take the token, or is not what answered. Proxies between
 * edge and origin have pages of their own.
 */
export async function speechFrames(answer: Response): Promise<SpeechSource> {
  if (answer.status !== 200 || !answer.body) throw await refusalOf(answer);
  if (mediaType(answer) !== framesMediaType) {
    await answer.body.cancel();
    const problem = `The speech origin answered with ${mediaType(answer)} instead of speech.`;
    throw new TryElsewhere(badGateway(problem));
  }
  return openFrames(answer.body, createBodyDigest());
}

/** The headers of an origin's speech that reach the client. */
export function originHeaders(answer: Response): Record<string, string> {
  return pick(answer.headers, speechHeaders);
}

/** The headers of a refusal that reach the client. */
export function refusalHeaders(answer: Response): Record<string, string> {
  return pick(answer.headers, errorHeaders);
}

/** What an origin refused a request with, or that it is no origin that answered. */
export async function refusalOf(answer: Response): Promise<ApiError | TryElsewhere> {
  const { status } = answer;
  const envelope = errorEnvelopeSchema.safeParse(parseJson(await answer.text()));
  if (status < 400 || !envelope.success) return new TryElsewhere(notAnOrigin(status));
  if (refusesToken(status)) {
    // The edge's credentials, not the client's: passed on, the client would look for the fault in its own key.
    const problem = "The speech origin does not accept this server's ORIGIN_TOKEN.";
    return new TryElsewhere(badGateway(problem));
  }
  const error = fromEnvelope(status, envelope.data, refusalHeaders(answer));
  const concerned = status === 503 ? concernedBy(error.code) : "everybody";
  if (concerned === "everybody") return error;
  return new TryElsewhere(error, { isTrouble: concerned === "origin" });
}

/** What a proxy says, in its own words, when it does not reach the origin, is the same as not reaching it. */
function notAnOrigin(status: number): ApiError {
  const said = `The speech origin answered ${status} without an error of its own.`;
  const isGone = saysUnreachable(status) || [502, 503, 504].includes(status);
  return isGone ? originUnreachable(new Error(said)) : badGateway(said);
}

function concernedBy(code: string | null): "origin" | "model" | "everybody" {
  const known: Record<string, "origin" | "model" | "everybody"> = unavailableCodes;
  return known[code ?? ""] ?? "everybody";
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
