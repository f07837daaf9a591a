import { describeMachine } from "../../process/machine.ts";
import { threadsCanYield } from "../../process/yielding-threads.ts";
import type { SelfTestRecord } from "../pack/self-test-record.ts";

/** How many threads of ONNX Runtime the parts of a pack have that compute at the same time. */
export interface ThreadShares {
  generate: number;
  codec: number;
}

/**
 * What may be the fastest with so many processors, the likeliest first. A frame of one stream reads all weights for little
 * arithmetic: where few processors read as fast as the memory gives, the codec has half of them, and the generator the other
 * half, or all where its threads can yield (see `generatorYields`). Where they do not, both have all, and what one does not
 * use the other does.
 */
export function possibleShares(threads: number): ThreadShares[] {
  const half = { generate: Math.ceil(threads / 2), codec: Math.max(1, Math.floor(threads / 2)) };
  if (threads === 1) return [half];
  const all = { generate: threads, codec: threads };
  return threadsCanYield ? [{ ...half, generate: threads }, half, all] : [half, all];
}

/**
 * Whether the threads that help the generator's own one have what the codec leaves them. Whoever waits for the others' part
 * of a product is not held up by it: a part that is not begun is taken back, and one that is begun gets the processor
 * of who waits.
 */
export function generatorYields(threads: number, { generate, codec }: ThreadShares): boolean {
  return generate > 1 && generate + codec > threads;
}

/** What the pack's self-test has found to be the fastest, if it ran on such a machine with as many threads. */
export function sharesOf(threads: number, test: SelfTestRecord | undefined): ThreadShares {
  const [likeliest = { generate: threads, codec: threads }] = possibleShares(threads);
  const isSame = test?.threads === threads && test.processor === describeMachine().processor;
  return (isSame && test.thread_shares) || likeliest;
}
