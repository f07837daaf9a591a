import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { voices } from "../../shared/voices/presets.ts";
import { runs } from "../support/fuzz.ts";
import { postSpeech } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";

let origin: Origin;

beforeAll(async () => {
  origin = await startTestOrigin();
});

afterAll(() => origin.close());

const codePoint = (min: number, max: number) =>
  fc.integer({ min, max }).map((code) => String.fromCodePoint(code));

/** What text frontends have stumbled over: scripts, marks, markup, numbers and things that only look like text. */
const morsel = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.array(codePoint(0, 0x10ffff), { maxLength: 4 }).map((any) => any.join("")),
  fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
  fc.array(codePoint(0x300, 0x36f), { maxLength: 20 }).map((marks) => `a${marks.join("")}`),
  fc.array(codePoint(0x590, 0x6ff), { maxLength: 8 }).map((letters) => letters.join("")),
  fc.array(codePoint(0x4e00, 0x9fff), { maxLength: 6 }).map((letters) => letters.join("")),
  fc.array(codePoint(0x1f300, 0x1faff), { maxLength: 3 }).map((emoji) => emoji.join("\u200d")),
  fc.integer({ min: 30, max: 40 }).map((length) => "ab".repeat(length)),
  fc.maxSafeInteger().map(String),
  fc.double().map(String),
  fc.constantFrom(
    "<speak><break time='1s'/></speak>",
    "<voice name='x'>",
    "&amp;&#0;&#xD800;",
    "[[h@l'oU]]",
    "[pause:1s]",
    "$1,234.56",
    "1/0",
    "http://a.b/c?d=%00",
    "%s%n{0}$x`",
    "\u202e\u2066\u200f",
    "\ufeff\u200b\u00ad",
    "\t\r\n\u0085\u2028",
    "...!?!?—",
    "-",
  ),
);

const text = fc.array(morsel, { minLength: 1, maxLength: 2 }).map((morsels) => morsels.join(" "));

const language = fc.constantFrom(
  "auto",
  "en",
  "zh",
  "ja",
  "ko",
  "ru",
  "de",
  "fr",
  "it",
  "pt",
  "es",
);

it("speaks any text or says why not, and the engine lives", async () => {
  const voice = fc.constantFrom(...voices.map(({ id }) => id));
  const counts = { spoken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(text, voice, language, async (input, voice, language) => {
      const fields = { input, voice, language, response_format: "pcm" };
      const answer = await postSpeech(origin.url, fields);
      const body = Buffer.from(await answer.arrayBuffer());
      if (answer.ok) {
        counts.spoken++;
        expect(body.byteLength).toBeGreaterThan(0);
      } else {
        counts.refused++;
        expect(answer.status, body.toString()).toBe(400);
        const { error } = errorEnvelopeSchema.parse(JSON.parse(body.toString()));
        expect(error.param).toBe("input");
        expect(["invalid_unicode", "unsupported_language", "string_below_min_length"]).toContain(
          error.code,
        );
      }
    }),
    runs(40),
  );
  expect(counts.spoken).toBeGreaterThan(10);
  expect(counts.refused).toBeGreaterThan(3);
  const engine = origin.engines.builtin;
  expect(engine?.state()).toBe("ready");
  expect(engine?.counters.restarts).toBe(0);
});
