import { type ApiError, errorEnvelopeSchema, fromEnvelope } from "../../shared/api-error.ts";
import { type Correlation, correlationHeaders } from "../../shared/http/trace-context.ts";
import { jobCallerHeader } from "../../shared/jobs/job-id.ts";
import { badGateway, originUnreachable } from "../errors.ts";
import { lacksVoiceFiles, sendVoiceFiles } from "../voices/send-files.ts";
import type { KeptVoiceFiles } from "../voices/voice-files.ts";
import { refusalHeaders } from "./answer.ts";
import { saysUnreachable, userAgent } from "./reachability.ts";
import { refusesToken, sendWithToken } from "./tokens.ts";

export interface JobsOrder {
  origin: URL;
  tokens: readonly string[];
  method: string;
  /** From `jobs` on. */
  path: string;
  /** The id of the key that asks. */
  caller: string;
  correlation: Correlation;
  /** Of the client, about parts and tags of a file. */
  headers?: Record<string, string>;
  body?: string;
  /** Of the voices that the body names. */
  voiceFiles: Pick<KeptVoiceFiles, "read">;
  signal: AbortSignal;
}

/**
 * Asks an origin about jobs, in the name of a key. Returns what it answers, errors of its own included; throws a 503 when
 * it cannot be reached, a 502 for what is no answer of an origin, and the signal's reason.
 */
export async function askForJobs(order: JobsOrder): Promise<Response> {
  const { origin, tokens, method, path, caller, correlation, headers, body, signal } = order;
  const send = (token?: string) =>
    fetch(new URL(`v1/audio/${path}`, origin), {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        "user-agent": userAgent,
        ...correlationHeaders(correlation),
        [jobCallerHeader]: caller,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body }),
      signal,
      redirect: "manual",
    });
  let answer: Response;
  try {
    answer = await sendWithToken(origin, tokens, send);
    if (lacksVoiceFiles(answer)) {
      const files = order.voiceFiles;
      await sendVoiceFiles(answer, { origin, tokens, correlation, files, signal });
      answer = await sendWithToken(origin, tokens, send);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw originUnreachable(cause);
  }
  // 304 and 416 have what matters in their headers.
  if (answer.status < 400 && answer.status !== 0) return answer;
  throw await refusalOf(answer, method);
}

async function refusalOf(answer: Response, method: string): Promise<ApiError> {
  const { status } = answer;
  if (saysUnreachable(status)) {
    await answer.body?.cancel();
    return originUnreachable(new Error(`the origin's proxy answered ${status}`));
  }
  if (refusesToken(status)) {
    await answer.body?.cancel();
    return badGateway("The speech origin does not accept this server's ORIGIN_TOKEN.");
  }
  const text = await answer.text();
  const range = answer.headers.get("content-range");
  const headers = { ...refusalHeaders(answer), ...(range ? { "content-range": range } : {}) };
  const envelope = errorEnvelopeSchema.safeParse(parseJson(text));
  if (envelope.success) return fromEnvelope(status, envelope.data, headers);
  const isBare = method === "HEAD";
  const said = `The speech origin answered ${status}${isBare ? "" : " without an error of its own"}.`;
  return isBare
    ? fromEnvelope(
        status,
        { error: { message: said, type: "server_error", param: null, code: null }, detail: said },
        headers,
      )
    : badGateway(said);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
