import { expect, it } from "vitest";
import { planSpeech, textOf } from "../../../origin/speech/plan.ts";
import { speechRequestSchema } from "../../../shared/speech-request.ts";

async function planned(fields: Record<string, unknown>, engine: "builtin" | "qwen3" = "qwen3") {
  const request = speechRequestSchema.parse({ voice: "alloy", ...fields });
  return textOf(await planSpeech(request, { engine }));
}

const text = { input: "It is 5 km to a@b.com 🎉", language: "english" };

it.each([
  ["auto", "qwen3", "It is 5 km to a at b dot com party popper"],
  ["auto", "builtin", "It is five kilometers to a at b dot com party popper"],
  ["on", "qwen3", "It is five kilometers to a at b dot com party popper"],
  ["off", "builtin", text.input],
] as const)("normalization %s with %s", async (normalization, engine, words) => {
  expect(await planned({ ...text, normalization }, engine)).toBe(words);
});

it("leaves Japanese numbers to espeak-ng, which reads digits and no kanji", async () => {
  const input = "これは50%です";
  expect(await planned({ input }, "builtin")).toBe(input);
  expect(await planned({ input, normalization: "on" }, "qwen3")).toBe("これは五十パーセントです");
});

it("refuses what a lexicon makes far too long, and puts the densest numbers in words", async () => {
  const bomb = { input: "a ".repeat(2048), lexicon: { a: "very ".repeat(50) } };
  await expect(planned(bomb, "qwen3")).rejects.toThrow(
    /at most 49152 characters .* it comes to \d{6}/,
  );
  const dense = { input: "777 €, ".repeat(580), language: "german" };
  expect((await planned(dense, "builtin")).length).toBeGreaterThan(20_000);
});

it("takes the words of the lexicon as they are", async () => {
  const lexicon = { "5 km": "5K", KM: "x" };
  expect(await planned({ ...text, input: "5 km, 6 km", lexicon, normalization: "on" })).toBe(
    "5K, six x",
  );
});
