import { setTimeout as delay } from "node:timers/promises";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { postSpeech } from "../support/speech.ts";

/** So many in a row that each come to any of two origins are spoken by both. */
const enoughInARow = 4;
const askEveryMs = 300;
/** Whatever does not work by then never will. */
const giveUpMs = 120_000;

/**
 * Asks for one text after the other that nobody has had before, and resolves once several in a row were spoken: with when the first
 * of them was asked for, in milliseconds from now, or Infinity where there were none for two minutes. `text` makes each of
 * them another one; `onRefused` is told why one was not spoken.
 */
export async function untilSpeaking(
  url: string,
  text: (i: number) => string,
  onRefused: (reason: string) => void,
): Promise<number> {
  return untilInARow(enoughInARow, async (i) => {
    const reason = await refusal(url, text(i)).catch(() => "broken off");
    if (reason !== null) onRefused(reason);
    return reason === null;
  });
}

/** Tries what shall work, again and again, and resolves with when so many in a row were begun that did, in milliseconds from now. */
export async function untilInARow(
  count: number,
  attempt: (i: number) => Promise<boolean>,
): Promise<number> {
  const began = performance.now();
  const attempts: { atMs: number; hasWorked: boolean }[] = [];
  for (let i = 0; performance.now() - began < giveUpMs; i++) {
    const one = { atMs: performance.now() - began, hasWorked: false };
    attempts.push(one);
    void attempt(i).then(
      (hasWorked) => {
        one.hasWorked = hasWorked;
      },
      () => undefined,
    );
    await delay(askEveryMs);
    for (const [first, { atMs }] of attempts.entries()) {
      const row = attempts.slice(first, first + count);
      if (row.length === count && row.every(({ hasWorked }) => hasWorked)) return atMs;
    }
  }
  return Number.POSITIVE_INFINITY;
}

/** Why a text that nobody has had before is not spoken by way of the edge, as "503 engine_not_ready"; null where it is. */
async function refusal(url: string, text: string): Promise<string | null> {
  const signal = AbortSignal.timeout(giveUpMs);
  const answer = await postSpeech(url, { input: text, response_format: "pcm" }, { signal });
  const body = Buffer.from(await answer.arrayBuffer());
  if (answer.status === 200) return body.byteLength > 0 ? null : "200 without sound";
  return `${answer.status} ${errorEnvelopeSchema.parse(JSON.parse(body.toString())).error.code}`;
}
