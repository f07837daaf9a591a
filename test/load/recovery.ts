import { setTimeout as delay } from "node:timers/promises";
import { postSpeech } from "../support/speech.ts";

/** So many in a row that each come to any of two origins are spoken by both. */
const enoughInARow = 4;
const askEveryMs = 300;
/** Whatever does not work by then never will. */
const giveUpMs = 120_000;

/**
 * Asks for one text after the other that nobody has had before, and resolves once several in a row were spoken: with when the first
 * of them was asked for, in milliseconds from now, or Infinity where there were none for two minutes. `text` makes each of
 * them another one.
 */
export async function untilSpeaking(url: string, text: (i: number) => string): Promise<number> {
  return untilInARow(enoughInARow, (i) => isSpeaking(url, text(i)));
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

/** Speech by way of the edge that nobody has had before. */
async function isSpeaking(url: string, text: string): Promise<boolean> {
  const signal = AbortSignal.timeout(giveUpMs);
  const answer = await postSpeech(url, { input: text, response_format: "pcm" }, { signal });
  return answer.status === 200 && (await answer.arrayBuffer()).byteLength > 0;
}
