import { describeMachine } from "../../process/machine.ts";
import type { SelfTestRecord } from "../pack/self-test-record.ts";

/** How many threads of ONNX Runtime the parts of a pack have that compute at the same time. */
export interface ThreadShares {
  generate: number;
  codec: number;
}

/**
 * What may be the fastest with so many processors, the likeliest first. Prompts and the steps that streams share are arithmetic,
 * for which the language model has all of them; a frame of one stream reads all weights for little of it, and where half of the
 * processors read as fast as the memory gives, the other half is better left to the codec.
 */
export function possibleShares(threads: number): ThreadShares[] {
  const codec = Math.max(1, Math.floor(threads / 2));
  const all = { generate: threads, codec };
  return threads > 1 ? [all, { generate: Math.ceil(threads / 2), codec }] : [all];
}

/** What the pack's self-test has found to be the fastest, if it ran on such a machine with as many threads. */
export function sharesOf(threads: number, test: SelfTestRecord | undefined): ThreadShares {
  const [likeliest = { generate: threads, codec: threads }] = possibleShares(threads);
  const isSame = test?.threads === threads && test.processor === describeMachine().processor;
  return (isSame && test.thread_shares) || likeliest;
}
