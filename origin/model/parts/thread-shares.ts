import { describeMachine } from "../../process/machine.ts";
import type { SelfTestRecord } from "../pack/self-test-record.ts";

/** How many threads of ONNX Runtime the parts of a pack have that compute at the same time. */
export interface ThreadShares {
  generate: number;
  codec: number;
}

/**
 * What may be the fastest with so many processors, the likeliest first. A frame of one stream reads all weights for little
 * arithmetic: where few processors read as fast as the memory gives, each part has its half of them. Where they do not, both
 * have all, and what one does not use the other does.
 */
export function possibleShares(threads: number): ThreadShares[] {
  const half = { generate: Math.ceil(threads / 2), codec: Math.max(1, Math.floor(threads / 2)) };
  return threads > 1 ? [half, { generate: threads, codec: threads }] : [half];
}

/** What the pack's self-test has found to be the fastest, if it ran on such a machine with as many threads. */
export function sharesOf(threads: number, test: SelfTestRecord | undefined): ThreadShares {
  const [likeliest = { generate: threads, codec: threads }] = possibleShares(threads);
  const isSame = test?.threads === threads && test.processor === describeMachine().processor;
  return (isSame && test.thread_shares) || likeliest;
}
