import { resolveSampling } from "../../../origin/model/generate/sampling-options.ts";
import type { LoadedPack } from "../../../origin/model/pack/open-pack.ts";
import { layOutPrompt } from "../../../origin/model/prompt/prompt-layout.ts";
import { tokenizePrompt } from "../../../origin/model/prompt/prompt-text.ts";
import { voiceTokens } from "../../../origin/model/prompt/voice-tokens.ts";

/** The chunks in which streams are spoken. */
const chunkFrames = 8;
const chunks = 4;

/**
 * Milliseconds that one frame of one stream takes when so many streams share every call: in the talker with its code
 * predictor, and in the codec.
 */
export async function measureSteps(pack: LoadedPack, streams: number) {
  const { config, generator } = pack;
  const text = tokenizePrompt(pack.tokenizer, "The ferry leaves at noon.", null);
  const voice = voiceTokens(config.talker_config, { speaker: null, language: "auto" });
  const prompt = await pack.embedder.embed(layOutPrompt(config, text, voice, "whole"));
  const speakers = Array.from({ length: streams }, (_, seed) => ({
    // Nobody's end is drawn, so that nobody drops out.
    stream: generator.start(prompt, {
      ...resolveSampling(pack.generation, { temperature: 0 }),
      seed,
      maxFrames: 10_000,
    }),
    codec: pack.openCodec(),
  }));
  for (const { stream } of speakers) await generator.step([stream], 1);

  let talker = 0;
  let codec = 0;
  for (let chunk = 0; chunk <= chunks; chunk++) {
    const begun = performance.now();
    const made = await generator.step(
      speakers.map(({ stream }) => stream),
      chunkFrames,
    );
    const spoken = performance.now();
    for (const [index, speaker] of speakers.entries()) {
      const codes = made[index]?.codes;
      if (codes?.length) await speaker.codec.push(codes);
    }
    const ended = performance.now();
    // The first call makes room in caches.
    if (chunk === 0) continue;
    talker += spoken - begun;
    codec += ended - spoken;
  }
  const frames = chunks * chunkFrames * streams;
  return { talker: talker / frames, codec: codec / frames };
}
