import { resolveSampling } from "../../../origin/model/generate/sampling-options.ts";
import type { LoadedPack } from "../../../origin/model/pack/open-pack.ts";
import { layOutPrompt } from "../../../origin/model/prompt/prompt-layout.ts";
import { tokenizePrompt } from "../../../origin/model/prompt/prompt-text.ts";
import { voiceTokens } from "../../../origin/model/prompt/voice-tokens.ts";

const manner = "like a narrator who tells an old story by the fire: low, warm and unhurried, ";
const pairs = 7;

/**
 * Milliseconds from a prompt to its first frame, medians of seven: with instructions of so many words that nobody has given
 * before, and with the same ones again.
 */
export async function measurePrompts(pack: LoadedPack, words: number) {
  const { config, generator } = pack;
  const voice = voiceTokens(config.talker_config, { speaker: null, language: "auto" });
  const some = manner.repeat(words).split(" ").slice(0, words);

  async function read(instructions: string | null, body: string): Promise<number> {
    const text = tokenizePrompt(pack.tokenizer, body, instructions);
    const prompt = await pack.embedder.embed(layOutPrompt(config, text, voice, "whole"));
    const sampling = resolveSampling(pack.generation, { temperature: 0 });
    const stream = generator.start(prompt, { ...sampling, seed: 1, maxFrames: 10 });
    const begun = performance.now();
    await generator.step([stream], 1);
    const ms = performance.now() - begun;
    generator.release(stream);
    return ms;
  }

  const times: { fresh: number; again: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const instructions = words > 0 ? [pair, ...some.slice(1)].join(" ") : null;
    const fresh = await read(instructions, "The ferry leaves at noon.");
    times.push({ fresh, again: await read(instructions, "We have to pack our things.") });
  }
  const median = (part: "fresh" | "again") =>
    times.map((time) => time[part]).sort((a, b) => a - b)[Math.floor(pairs / 2)] ?? 0;
  return { fresh: median("fresh"), again: median("again") };
}
