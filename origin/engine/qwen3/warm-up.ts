import type { LoadedPack } from "../../model/pack/open-pack.ts";
import { stepLimits } from "./turns.ts";

/** About those of a short text. */
const promptPositions = 16;

/**
 * Computes once, before anybody listens, what a GPU prepares at its first use: cuDNN searches for the fastest convolution
 * of every length of a chunk, and CUDA loads each kernel when it is first called. A CPU searches for nothing: there it would only
 * make the start longer.
 */
export async function warmUp(pack: LoadedPack): Promise<void> {
  if (pack.device === "cpu") return;
  await computeOnce(pack, stepLimits[pack.device].frames);
}

/** Prompts of one row, steps of one and two, and chunks of 1 to `frames` frames. What it makes is nothing that means anything. */
export async function computeOnce(
  { generator, embedder, openCodec, manifest }: LoadedPack,
  frames: number,
): Promise<void> {
  const { codebooks } = manifest.shapes;
  for (let count = 1; count <= frames; count++) {
    await openCodec().push(new BigInt64Array(count * codebooks));
  }

  const { pad } = embedder;
  const embeddings = new Float32Array(promptPositions * pad.length);
  for (let at = 0; at < embeddings.length; at += pad.length) embeddings.set(pad, at);
  const likeliest = { temperature: 1, topK: 1, topP: 1, greedy: true };
  const streams = [0, 1].map((seed) =>
    generator.start(
      { embeddings, fixedPositions: 0, trailing: new Float32Array(0) },
      {
        seed,
        maxFrames: 1 + 2 * frames,
        repetitionPenalty: 1,
        talker: likeliest,
        predictor: likeliest,
      },
    ),
  );
  try {
    for (const stream of streams) await generator.step([stream], 1);
    for (const rows of [streams.slice(0, 1), streams]) {
      const running = rows.filter(({ finish }) => finish === null);
      if (running.length > 0) await generator.step(running, frames);
    }
  } finally {
    for (const stream of streams) generator.release(stream);
  }
}
