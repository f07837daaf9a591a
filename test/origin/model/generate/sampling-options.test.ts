import { expect, test } from "vitest";
import { generationConfig } from "../../../../origin/model/checkpoint/generation-config.ts";
import { resolveSampling } from "../../../../origin/model/generate/sampling-options.ts";

const config = generationConfig.parse({ temperature: 0.8, top_k: 40, subtalker_top_p: 0.95 });

test("a request that asks for nothing gets the checkpoint's sampling", () => {
  expect(resolveSampling(config, {})).toEqual({
    repetitionPenalty: 1.05,
    talker: { temperature: 0.8, topK: 40, topP: 1, greedy: false },
    predictor: { temperature: 0.9, topK: 50, topP: 0.95, greedy: false },
  });
});

test("what a request asks for goes to the talker", () => {
  const asked = { temperature: 0.5, topK: 0, topP: 0.7, repetitionPenalty: 1.2 };

  const { repetitionPenalty, talker, predictor } = resolveSampling(config, asked);

  expect(repetitionPenalty).toBe(1.2);
  expect(talker).toEqual({ temperature: 0.5, topK: 0, topP: 0.7, greedy: false });
  expect(predictor).toEqual({ temperature: 0.9, topK: 50, topP: 0.95, greedy: false });
});

test("temperature 0 is greedy in both decoders, and so is a checkpoint that does not sample", () => {
  const greedy = (options: ReturnType<typeof resolveSampling>) =>
    [options.talker, options.predictor].map((decoder) => [decoder.greedy, decoder.temperature > 0]);
  const silent = { ...config, do_sample: false, subtalker_dosample: false };

  expect(greedy(resolveSampling(config, { temperature: 0 }))).toEqual(Array(2).fill([true, true]));
  expect(greedy(resolveSampling(silent, {}))).toEqual(Array(2).fill([true, true]));
});
