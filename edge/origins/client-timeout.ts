/** The OpenAI SDKs' own default, and longer than any of their users waits. */
const maxSeconds = 600;

/**
 * How long a client says it waits for an answer's head, in seconds from 1 to 600. openai-node sends
 * `X-Stainless-Timeout`, openai-python `X-Stainless-Read-Timeout`. Undefined when neither is there or a number.
 */
export function clientTimeoutSeconds(headers: Headers): number | undefined {
  for (const name of ["x-stainless-timeout", "x-stainless-read-timeout"]) {
    const text = headers.get(name) ?? "";
    if (/^\d+(\.\d+)?$/.test(text)) return Math.min(maxSeconds, Math.max(1, Number(text)));
  }
  return undefined;
}
