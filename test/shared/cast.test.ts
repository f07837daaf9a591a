import { expect, it } from "vitest";
import { plainCatalogue, withKeptVoices } from "../../shared/catalogue.ts";
import { fileId, soundId } from "../../shared/identity.ts";
import { type SpeechRequest, speechRequestSchemaOf } from "../../shared/speech-request.ts";
import { castVoice } from "../../shared/voices/cast.ts";
import type { KeptVoice } from "../../shared/voices/kept-voice.ts";

const anna = kept("a", "Anna", ["qwen3-tts-12hz-0.6b-base", "qwen3-tts-12hz-1.7b-base"]);
const bert = kept("b", "Bert + Co (1)", ["qwen3-tts-12hz-0.6b-base"]);
const catalogue = withKeptVoices(plainCatalogue, [anna, bert]);
const small = "qwen3-tts-12hz-0.6b-base";
const preset = "qwen3-tts-12hz-0.6b-custom-voice";

function kept(letter: string, name: string, models: KeptVoice["models"]): KeptVoice {
  return { id: `voice_${letter.repeat(32)}`, name, digest: letter.repeat(64), models };
}

function parse(body: Record<string, unknown>): SpeechRequest {
  return speechRequestSchemaOf(catalogue).parse({ input: "Hello.", ...body });
}

function refused(body: Record<string, unknown>): string | undefined {
  const parsed = speechRequestSchemaOf(catalogue).safeParse({ input: "Hello.", ...body });
  return parsed.error?.issues[0]?.message;
}

it.each([["anna"], [" ANNA "], [anna.id], [anna.id.toUpperCase()]])(
  "knows a kept voice as %j",
  (name) => {
    const { id, speaker, blend } = parse({ model: small, voice: name }) && cast(name);
    expect({ id, speaker, parts: blend?.parts }).toEqual({
      id: anna.id,
      speaker: null,
      parts: [{ digest: anna.digest, weight: 1 }],
    });

    function cast(text: string) {
      const found = castVoice(text, small, catalogue);
      if ("rule" in found) throw new Error(found.rule);
      return found;
    }
  },
);

it("takes the whole of a name before it takes it for a blend", () => {
  expect(parse({ model: small, voice: "Bert + Co (1)" }).voiceId).toBe(bert.id);
});

it("reads a blend in any order and by any weights of the same proportion as the same voice", () => {
  const keys = [
    "alloy(2)+echo(1)",
    "echo + Vivian(2)",
    "dylan(0.5)+alloy(1)",
    "alloy+echo+alloy",
  ].map((voice) => parse({ model: preset, voice }).blend?.key);
  expect(keys).toEqual(Array(4).fill("Dylan(0.333333)+Vivian(0.666667)"));
});

it("takes a blend of one preset for that preset", () => {
  expect(parse({ voice: "alloy(3)" })).toMatchObject({ speaker: "Vivian", blend: null });
});

it("blends presets with kept voices on the CustomVoice model of the size that encoded them", () => {
  const { model, blend } = parse({ voice: "alloy+anna" });
  expect({ model, parts: blend?.parts }).toEqual({
    model: preset,
    parts: [
      { speaker: "Vivian", weight: 0.5 },
      { digest: anna.digest, weight: 0.5 },
    ].sort((a) => ("digest" in a ? 1 : -1)),
  });
});

it.each([
  [
    "alloy(2)+",
    /blend such as "alloy\(2\)\+echo\(1\)": in "alloy\(2\)\+" there is no voice at character 10/,
  ],
  ["alloy(0)+echo", /weight must be a number above 0 and at most 100 at character 1$/],
  ["alloy(two)+echo", /weight must be a number .* at character 1$/],
  ["alloy+echo(1e9)", /weight must be a number .* at character 7$/],
  ["alloy+nobody", /a blend of voices, each one of alloy, .*; it has "nobody"$/],
  ["a+b+c+d+e+f+g+h+i", /it has 9 voices, of at most 8$/],
  ["nobody", /^voice must be one of alloy, .*, a voice kept here, .*; got "nobody"$/],
])("says where %j breaks", (voice, message) => {
  expect(refused({ voice })).toMatch(message);
});

it.each([
  [
    { model: small, voice: "alloy" },
    /a kept voice with .*0.6b-base; "alloy" is a preset of .*0.6b-custom-voice$/,
  ],
  [{ model: small }, /^voice must be a voice kept here with .*; got nothing$/],
  [
    { model: preset, voice: "anna" },
    /a preset with .*; "voice_a+" is a kept voice of .*0.6b-base and .*1.7b-base$/,
  ],
  [
    { model: "qwen3-tts-12hz-1.7b-base", voice: bert.id },
    /one that .*1.7b-base has encoded; "voice_b+" was encoded by .*0.6b-base$/,
  ],
  [{ model: "tts-1-hd", voice: bert.id }, /one that .*1.7b-base has encoded/],
  [
    { model: "1.7b-custom-voice", voice: `alloy+${bert.id}` },
    /of voices that .*1.7b-base has encoded/,
  ],
  [{ model: "1.7b-voice-design", voice: "anna" }, /left out or "design"/],
])("says which model would do where %j does not", (body, message) => {
  expect(refused(body)).toMatch(message);
});

it("means the Base model of the size where OpenAI's names stand with kept voices alone", () => {
  expect(parse({ model: "tts-1", voice: "anna" })).toMatchObject({
    model: small,
    modelId: "tts-1",
  });
  expect(parse({ voice: { id: anna.id } }).model).toBe(small);
  expect(parse({ model: "gpt-4o-mini-tts", voice: "anna" }).model).toBe("qwen3-tts-12hz-1.7b-base");
  expect(parse({ model: "tts-1", voice: "alloy" }).model).toBe(preset);
});

it("reads a dialogue as one text and who says what of it", () => {
  const input = [
    { voice: "alloy", text: "Hello, Dylan." },
    { voice: "echo(1)+nova(1)", text: "Both of us?" },
    { text: "Cafe\u0301." },
  ];
  const { input: text, turns, speaker } = parse({ voice: "nova", input });
  expect({ text, speaker }).toEqual({
    text: "Hello, Dylan.\nBoth of us?\nCafé.",
    speaker: "Aiden",
  });
  expect(turns?.map(({ start, end }) => text.slice(start, end))).toEqual([
    "Hello, Dylan.",
    "Both of us?",
    "Café.",
  ]);
  expect(turns?.map(({ id }) => id)).toEqual(["alloy", "Dylan(1)+Aiden(1)", "nova"]);
});

it("lets a dialogue of kept voices do without a voice of its own, and keeps what no model heeds apart", () => {
  const input = [
    { voice: "anna", text: "One.", instructions: "Softly.", pace: 2 },
    { voice: { id: bert.id }, text: "Two." },
  ];
  const { model, voiceId, ignoredFields } = parse({ input });
  expect({ model, voiceId, ignoredFields }).toEqual({
    model: small,
    voiceId: anna.id,
    ignoredFields: ["input.instructions", "input.pace"],
  });
});

it.each([
  [[], /^input must be a string, or 1 to 128 turns; it has 0$/],
  [Array(129).fill({ text: "a" }), /it has 129$/],
  [["Hello."], /^input\[0\] must be \{"voice": …, "text": …\}; got "Hello."$/],
  [[{ text: "a" }, { voice: "alloy" }], /^input\[1\].text must be a string; got nothing$/],
  [[{ text: " " }], /^input\[0\].text must have something to say/],
  [[{ text: "a", voice: 7 }], /^input\[0\].voice must be one of .*; got 7$/],
  [[{ text: "a", voice: "nobody" }], /^input\[0\].voice must be one of .*; got "nobody"$/],
  [[{ text: "a", instructions: 7 }], /^input\[0\].instructions must be a string; got 7$/],
  [
    [{ text: "a".repeat(4000) }, { text: "b".repeat(96) }],
    /at most 4096 characters .*; it has 4097$/,
  ],
])("refuses turns by their place: %#", (input, message) => {
  expect(refused({ input })).toMatch(message);
});

it("refuses markup in a dialogue, whose turns are what markup would say", () => {
  const input = [{ text: "a" }];
  expect(refused({ input, markup: "tags" })).toMatch(/^markup must be none/);
  expect(refused({ input, input_format: "ssml" })).toMatch(/^input_format must be text/);
});

it("keeps apart what sounds different", async () => {
  const bodies = [
    { voice: "alloy" },
    { voice: "alloy+echo" },
    { voice: "alloy(2)+echo" },
    { voice: "anna" },
    { input: [{ voice: "alloy", text: "Hello." }] },
    { input: [{ voice: "echo", text: "Hello." }] },
    {
      input: [
        { voice: "echo", text: "Hel" },
        { voice: "echo", text: "lo." },
      ],
    },
  ];
  const ids = await Promise.all(bodies.map((body) => soundId(parse(body))));
  expect(new Set(ids).size).toBe(bodies.length);
  const changed = withKeptVoices(plainCatalogue, [{ ...anna, digest: "c".repeat(64) }]);
  const again = speechRequestSchemaOf(changed).parse({ input: "Hello.", voice: "anna" });
  expect(await fileId(again, "1")).not.toBe(await fileId(parse({ voice: "anna" }), "1"));
});

it("tells apart documents that name voices which others have under the same names", async () => {
  const body = { input: "[voice:anna] Hello.", markup: "tags", model: small, voice: anna.id };
  const changed = withKeptVoices(plainCatalogue, [{ ...anna, digest: "c".repeat(64) }]);
  const other = speechRequestSchemaOf(changed).parse(body);
  expect(await soundId(other)).not.toBe(await soundId(parse(body)));
});
