// Says cases with the product's own generator, greedy, alone or together.

import type { Generator, Stream } from "../generate/generator.ts";
import { resolveSampling } from "../generate/sampling-options.ts";
import type { FinishReason } from "../generate/stream-state.ts";
import type { LoadedPack } from "../pack/open-pack.ts";
import type { PreparedCase } from "./prepared-case.ts";
import type { ReferenceCase } from "./reference-set.ts";

export interface Speech {
  readonly reference: ReferenceCase;
  /** Frame after frame. */
  readonly codes: readonly number[];
  readonly finish: FinishReason | null;
}

interface Speaker extends Speech {
  readonly stream: Stream;
  readonly codes: number[];
}

export async function speakAlone(
  pack: LoadedPack,
  prepared: PreparedCase,
  chunkFrames: number,
): Promise<Speech> {
  const speaker = begin(pack, prepared);
  while (!speaker.finish) await step(pack.generator, [speaker], chunkFrames);
  return speaker;
}

/** Each reads its prompt alone and joins those before it, for one chunk before the next one comes. */
export async function speakTogether(
  pack: LoadedPack,
  cases: readonly PreparedCase[],
  chunkFrames: number,
): Promise<readonly Speech[]> {
  const speakers: Speaker[] = [];
  for (const prepared of cases) {
    const speaker = begin(pack, prepared);
    speakers.push(speaker);
    await step(pack.generator, [speaker], 1);
    await step(pack.generator, speakers, chunkFrames);
  }
  while (speakers.some(({ finish }) => !finish)) {
    await step(pack.generator, speakers, chunkFrames);
  }
  return speakers;
}

function begin(pack: LoadedPack, { reference, prompt }: PreparedCase): Speaker {
  const stream = pack.generator.start(prompt, {
    seed: 0,
    maxFrames: reference.max_new_tokens - 1,
    ...resolveSampling(pack.generation, { temperature: 0 }),
  });
  return {
    reference,
    stream,
    codes: [],
    get finish() {
      return stream.finish;
    },
  };
}

/** One call for those who have not ended. */
async function step(
  generator: Generator,
  speakers: readonly Speaker[],
  frames: number,
): Promise<void> {
  const speaking = speakers.filter(({ finish }) => !finish);
  if (speaking.length === 0) return;
  const streams = speaking.map(({ stream }) => stream);
  const chunks = await generator.step(streams, frames);
  for (const [index, { codes }] of chunks.entries()) {
    speaking[index]?.codes.push(...Array.from(codes, Number));
  }
}
