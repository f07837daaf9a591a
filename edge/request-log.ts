import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { ApiError } from "../shared/api-error.ts";
import type { SpeechFrame } from "../shared/frames/frame.ts";
import { toApiError } from "../shared/http/errors.ts";
import type { EdgeEnv } from "./env.ts";
import { clientLeft } from "./gateway-errors.ts";

/** How a speech answer ended, once it has. */
export interface SpeechOutcome {
  audioBytes: number;
  failure?: ApiError;
}

/**
 * Logs each request as one line of JSON when its answer is over, a streamed one when its last byte is. The route stands
 * for the path, which is the client's own text; input, keys and query are never logged.
 */
export const requestLog: MiddlewareHandler<EdgeEnv> = async (c, next) => {
  const startedAt = Date.now();
  await next();
  const headMs = Date.now() - startedAt;
  const write = (outcome?: SpeechOutcome) => {
    const failure = outcome?.failure ?? (c.error && toApiError(c.error));
    const line = {
      id: c.var.requestId,
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      head_ms: headMs,
      duration_ms: Date.now() - startedAt,
      audio_bytes: outcome?.audioBytes,
      code: failure?.code,
      cause: failure?.cause && describe(failure.cause),
    };
    console.log(JSON.stringify(line));
  };
  const { outcome } = c.var;
  if (outcome) c.executionCtx.waitUntil(outcome.then(write));
  else write();
};

/** Passes a speech answer on as it is, and promises to say how it ended. */
export function watch(speech: AsyncIterable<SpeechFrame>): {
  speech: AsyncGenerator<SpeechFrame, void>;
  outcome: Promise<SpeechOutcome>;
} {
  let report: (outcome: SpeechOutcome) => void;
  const outcome = new Promise<SpeechOutcome>((resolve) => {
    report = resolve;
  });
  async function* watched(): AsyncGenerator<SpeechFrame, void> {
    let audioBytes = 0;
    let failure: ApiError | undefined = clientLeft();
    try {
      for await (const frame of speech) {
        if (frame.kind === "audio") audioBytes += frame.bytes.byteLength;
        yield frame;
      }
      failure = undefined;
    } catch (cause) {
      failure = toApiError(cause);
      throw cause;
    } finally {
      report({ audioBytes, ...(failure ? { failure } : {}) });
    }
  }
  return { speech: watched(), outcome };
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
