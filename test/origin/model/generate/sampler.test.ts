import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { createSampler } from "../../../../origin/model/generate/sampler.ts";
import {
  samplingInputs,
  samplingTensors,
  uniformFor,
} from "../../../../origin/model/generate/sampling-parameters.ts";
import { fillUniforms } from "../../../../origin/model/random.ts";
import { evaluate, floats } from "../built-model.ts";

interface Row {
  logits: number[];
  uniform: number;
  temperature?: number;
  topK?: number;
  topP?: number;
  greedy?: boolean;
}

/** The tokens that the graph draws for the rows, all in one batch. */
async function draw(rows: Row[]): Promise<number[]> {
  const vocabulary = rows[0]?.logits.length ?? 0;
  const parameters = rows.map(
    ({ temperature = 1, topK = vocabulary, topP = 1, greedy = false }) => ({
      temperature,
      topK,
      topP,
      greedy,
    }),
  );
  const logits = new Float32Array(rows.length * vocabulary);
  rows.forEach((row, index) => {
    logits.set(row.logits, index * vocabulary);
  });
  const { tokens } = await evaluate(
    (model) => {
      const sample = createSampler(samplingInputs(model, "sampling"));
      const logits = model.input("logits", "float32", ["B", vocabulary]);
      model.output("tokens", sample(logits, model.input("uniforms", "float32", ["B", 1])), [
        "B",
        1,
      ]);
    },
    {
      logits: new Tensor("float32", logits, [rows.length, vocabulary]),
      uniforms: floats(
        parameters.map((row, index) => uniformFor(row, rows[index]?.uniform ?? 0)),
        [rows.length, 1],
      ),
      ...samplingTensors("sampling", parameters, vocabulary),
    },
  );
  return tokens ?? [];
}

/** The distribution by its definition, in float64; `row.uniform` plays no part. */
function distribution({ logits, temperature = 1, topK = logits.length, topP = 1 }: Row): number[] {
  const scaled = logits.map((logit) => logit / temperature);
  const kth = scaled.toSorted((a, b) => b - a)[topK - 1] ?? 0;
  const inTopK = normalize(scaled.map((logit) => (logit >= kth ? Math.exp(logit) : 0)));
  if (topP >= 1) return inTopK;
  const kept = inTopK.map((probability) => {
    const above = inTopK.filter((other) => other > probability).reduce((a, b) => a + b, 0);
    return above < topP ? probability : 0;
  });
  return normalize(kept);
}

function normalize(weights: number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** What chi-square passes by chance once in a thousand times (Wilson and Hilferty 1931). */
function critical(degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - spread + 3.0902 * Math.sqrt(spread)) ** 3;
}

function uniforms(count: number, seed: number): number[] {
  const drawn = new Float32Array(count);
  fillUniforms(drawn, seed, 0);
  return [...drawn];
}

const hills = Array.from({ length: 64 }, (_, id) => 3 * Math.sin(id * 1.7) + Math.cos(id * 0.3));
const stairs = Array.from({ length: 64 }, (_, id) => Math.floor(id / 4) / 3);
const forbidden = hills.map((logit, id) => (id % 3 === 0 ? Number.NEGATIVE_INFINITY : logit));

describe("20,000 draws are spread as the definition says", () => {
  test.each([
    ["without limits", { logits: hills }],
    ["at a temperature", { logits: hills, temperature: 0.6 }],
    ["of the top 20", { logits: hills, topK: 20 }],
    ["of the top 10 with ties at the threshold", { logits: stairs, topK: 10 }],
    ["of the top 80 %", { logits: hills, topP: 0.8 }],
    ["of the top 30 % with ties at the threshold", { logits: stairs, topP: 0.3 }],
    ["by the defaults of the checkpoints", { logits: hills, temperature: 0.9, topK: 50 }],
    ["with every limit", { logits: stairs, temperature: 1.3, topK: 22, topP: 0.7 }],
    ["around tokens that are ruled out", { logits: forbidden, temperature: 0.9, topK: 30 }],
  ])("%s", async (_, parameters) => {
    const count = 20_000;
    const rows = uniforms(count, 2024).map((uniform) => ({ ...parameters, uniform }));
    const expected = distribution({ ...parameters, uniform: 0 }).map((share) => share * count);

    const tokens = await draw(rows);

    const observed = expected.map(() => 0);
    for (const token of tokens) observed[token] = (observed[token] ?? 0) + 1;
    const impossible = observed.filter((times, id) => expected[id] === 0 && times > 0);
    const bins = expected.flatMap((times, id) => (times >= 5 ? [{ times, id }] : []));
    const chiSquare = bins.reduce(
      (sum, { times, id }) => sum + ((observed[id] ?? 0) - times) ** 2 / times,
      0,
    );
    expect(impossible).toEqual([]);
    expect(bins.length).toBeGreaterThan(5);
    expect(chiSquare).toBeLessThan(critical(bins.length - 1));
  });
});

test("each row of a batch is drawn by its own parameters", async () => {
  const rows: Row[] = [
    { logits: stairs, uniform: 0.5, greedy: true },
    { logits: hills, uniform: 0.25, topK: 1 },
    { logits: hills, uniform: 0.75, topK: 7, temperature: 2 },
    { logits: stairs, uniform: 0.1, topP: 0.2 },
    { logits: hills, uniform: 0.9 },
  ];

  const together = await draw(rows);
  const alone = await Promise.all(rows.map(async (row) => (await draw([row]))[0]));

  expect(together).toEqual(alone);
  expect(together[0]).toBe(60);
});

test("the ends of the range of uniforms fall on tokens that were kept", async () => {
  const lastUniform = 1 - 2 ** -24;
  const logits = forbidden.with(63, Number.NEGATIVE_INFINITY);

  const tokens = await draw([
    { logits, uniform: 0 },
    { logits, uniform: lastUniform },
    { logits: stairs, topK: 6, uniform: 0 },
    { logits: stairs, topK: 6, uniform: lastUniform },
    { logits: stairs, topP: 1e-30, uniform: lastUniform },
  ]);

  expect(tokens).toEqual([1, 62, 56, 63, 63]);
});
