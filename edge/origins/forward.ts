import { framesMediaType } from "../../shared/frames/frame.ts";
import { originUnreachable } from "../gateway-errors.ts";
import type { Settings } from "../settings.ts";
import { rendezvous } from "./rendezvous.ts";

export interface OriginRequest {
  /** The client's JSON, valid and unchanged. */
  body: ArrayBuffer;
  requestId: string;
  routingKey: string;
  signal: AbortSignal;
}

/**
 * Sends a speech request to the first origin in its key's order that can be reached and returns its answer's head, whatever it says.
 * Nothing of the client's headers travels.
 *
 * Throws the signal's reason once it is aborted, and a 502 when no origin can be reached.
 */
export async function forward(request: OriginRequest, settings: Settings): Promise<Response> {
  const { body, requestId, routingKey, signal } = request;
  const headers = {
    accept: framesMediaType,
    "content-type": "application/json",
    "x-request-id": requestId,
    ...(settings.originToken ? { authorization: `Bearer ${settings.originToken}` } : {}),
  };
  let failure: unknown;
  for (const origin of await rendezvous(routingKey, settings.origins)) {
    try {
      const answer = await fetch(new URL("v1/audio/speech", origin), {
        method: "POST",
        headers,
        body,
        signal,
        // A redirect would carry the text to wherever a proxy's login page is.
        redirect: "manual",
      });
      if (!saysUnreachable(answer)) return answer;
      failure = new Error(`Cloudflare answered ${answer.status} for the origin`);
      await answer.body?.cancel();
    } catch (cause) {
      signal.throwIfAborted();
      failure = cause;
    }
  }
  throw originUnreachable(failure);
}

/**
 * For an origin behind Cloudflare, fetch does not fail: Cloudflare answers with a status of its own when it cannot
 * connect (https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/).
 */
const unreachableStatuses: readonly number[] = [521, 522, 523, 525, 526, 530];

export function saysUnreachable(answer: Response): boolean {
  return unreachableStatuses.includes(answer.status);
}
