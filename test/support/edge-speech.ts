import { type Received, receive, type Sent, send } from "./sockets.ts";

export const validSpeech = {
  model: "tts-1",
  voice: "alloy",
  input: "The quick brown fox jumps over the lazy dog.",
};

/** Begins a `POST /v1/audio/speech` with a valid body and those fields changed. */
export function sendSpeech(
  edge: string,
  fields: Record<string, unknown> = {},
  options: { path?: string; headers?: Record<string, string> } = {},
): Sent {
  return send(edge + (options.path ?? "/v1/audio/speech"), {
    method: "POST",
    headers: { "content-type": "application/json", ...options.headers },
    body: JSON.stringify({ ...validSpeech, ...fields }),
  });
}

/** How the answer to such a request ends. A failure that follows the first audio at once may overtake even the head. */
export async function endOfSpeech(
  ...request: Parameters<typeof sendSpeech>
): Promise<Received["ended"]> {
  const head = await sendSpeech(...request).head.catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ECONNRESET") return undefined;
    throw cause;
  });
  return head ? (await receive(head)).ended : "reset";
}

/** The whole answer to such a request. */
export async function speech(...request: Parameters<typeof sendSpeech>): Promise<Received> {
  return receive(await sendSpeech(...request).head);
}
