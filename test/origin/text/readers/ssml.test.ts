import { describe, expect, it } from "vitest";
import { sourceRange } from "../../../../origin/text/mapped-text.ts";
import { readInput } from "../../../../origin/text/read-input.ts";
import { plainCatalogue } from "../../../../shared/catalogue.ts";
import { speechRequestSchema } from "../../../../shared/speech-request.ts";

interface Fields {
  model?: string;
  instructions?: string;
  language?: string;
}

function read(input: string, { model = "tts-1", ...fields }: Fields = {}) {
  const request = speechRequestSchema.parse({ model, voice: "alloy", input, ...fields });
  return readInput(request, { defaultLanguage: "english", catalogue: plainCatalogue });
}

/** The passages as their texts and what is not as usual. */
function told(input: string, fields?: Fields) {
  return read(input, fields).passages.map(({ text, ...passage }) => {
    const told: Record<string, unknown> = { text: text.text.replace(/ +/g, " ").trim() };
    if (passage.speaker !== "Vivian") told.speaker = passage.speaker;
    if (passage.rate !== 1) told.rate = passage.rate;
    if (passage.gain !== 0) told.gain = passage.gain;
    if (passage.pauseBefore !== null) told.pause = passage.pauseBefore;
    if (passage.marks.length > 0) told.marks = passage.marks;
    if (passage.instructions) told.instructions = passage.instructions;
    return told;
  });
}

describe("SSML", () => {
  it.each<[string, Record<string, unknown>[]]>([
    ["<speak>Hello, world.</speak>", [{ text: "Hello, world." }]],
    ['<?xml version="1.0"?><speak>Hi.</speak>', [{ text: "Hi." }]],
    ["<speak>Tom &amp; Jerry &#60;3 &#x41;</speak>", [{ text: "Tom & Jerry <3 A" }]],
    ["<speak><![CDATA[a < b]]></speak>", [{ text: "a < b" }]],
    ["<speak>a<!-- not b -->c</speak>", [{ text: "ac" }]],
    ['<speak>One<break time="500ms"/>two</speak>', [{ text: "One" }, { text: "two", pause: 0.5 }]],
    [
      '<speak>One<break time="1s"/><break strength="weak"/>two</speak>',
      [{ text: "One" }, { text: "two", pause: 1.15 }],
    ],
    [
      '<speak>One.<break strength="none"/>Two.</speak>',
      [{ text: "One." }, { text: "Two.", pause: 0 }],
    ],
    ["<speak>One<break/></speak>", [{ text: "One" }, { text: "", pause: 0.35 }]],
    [
      "<speak>\n <p><s>One</s>\n <s>two</s></p>\n <p>three</p></speak>",
      [{ text: "One \ntwo \n\nthree" }],
    ],
    [
      '<speak><prosody rate="slow">a <prosody rate="200%" volume="-6dB">b</prosody></prosody> c</speak>',
      [{ text: "a", rate: 0.75 }, { text: "b", rate: 1.5, gain: -6 }, { text: "c" }],
    ],
    ['<speak><prosody rate="-20%">a</prosody></speak>', [{ text: "a", rate: 0.8 }]],
    [
      '<speak>I <voice name="Echo">you</voice> I</speak>',
      [{ text: "I" }, { text: "you", speaker: "Dylan" }, { text: "I" }],
    ],
    [
      '<speak>The <sub alias="World Wide Web">WWW</sub>.</speak>',
      [{ text: "The World Wide Web." }],
    ],
    ['<speak>An <sub alias="empty one"/>.</speak>', [{ text: "An empty one." }]],
    [
      '<speak>a <mark name="x"/><mark name="y"/>b<mark name="z"/></speak>',
      [{ text: "a" }, { text: "b", marks: ["x", "y"] }, { text: "", marks: ["z"] }],
    ],
    [
      '<speak>Room <say-as interpret-as="digits">205</say-as></speak>',
      [{ text: "Room two zero five" }],
    ],
    [
      '<speak>The <say-as interpret-as="ordinal">3</say-as> of <say-as interpret-as="nonsense">4</say-as></speak>',
      [{ text: "The third of 4" }],
    ],
    ["<speak><metadata>not this</metadata>this</speak>", [{ text: "this" }]],
    ["<speak/>", [{ text: "" }]],
  ])("%s", (input, passages) => {
    expect(told(input)).toEqual(passages);
  });

  it("keeps its way back to the input, through entities, tags and white space", () => {
    const input = "<speak>\n  Tom &amp;\n  <sub alias='Jerry the mouse'>Jerry</sub> ran.</speak>";
    const [passage] = read(input).passages;
    const place = (word: string) => {
      if (!passage) return undefined;
      const at = passage.text.text.indexOf(word);
      const { start, end } = sourceRange(passage.text, at, at + word.length);
      return input.slice(start, end);
    };
    expect(["Tom", "&", "mouse", "ran"].map(place)).toEqual(["Tom", "&amp;", "Jerry", "ran"]);
  });

  it("speaks manners through the instructions of models that follow them", () => {
    const input =
      '<speak>a <emphasis>b</emphasis> <mstts:express-as style="cheerful">c</mstts:express-as></speak>';
    expect(told(input, { model: "tts-1-hd", instructions: "Be kind." })).toEqual([
      { text: "a", instructions: "Be kind." },
      { text: "b", instructions: "Be kind. Say this with emphasis." },
      { text: "c", instructions: "Be kind. Speak in a cheerful way." },
    ]);
    expect(read(input, { model: "tts-1-hd" })).toMatchObject({
      ignoredElements: [],
      styledElements: ["emphasis", "mstts:express-as"],
    });
    expect(told(input)).toEqual([{ text: "a b c" }]);
    expect(read(input).ignoredElements).toEqual(["emphasis", "mstts:express-as"]);
  });

  it("speaks through what it does not know, and names it", () => {
    const input =
      '<speak>a <audio src="https://example.com/x.mp3">b</audio> <prosody pitch="high">c</prosody> <phoneme ph="d">d</phoneme></speak>';
    expect(told(input)).toEqual([{ text: "a b c d" }]);
    expect(read(input).ignoredElements).toEqual(["audio", "prosody[pitch]", "phoneme"]);
  });

  it("speaks each passage in its language, and the others in that of the whole", () => {
    const { passages } = read(
      '<speak>The weather is fine today, <lang xml:lang="de-AT">Guten Morgen</lang>, and so am I.</speak>',
    );
    expect(passages.map(({ language }) => language)).toEqual(["english", "german", "english"]);
  });

  it.each([
    ["<speak>a</speek>", /well-formed XML: .* line 1, column 16/],
    ["<speak>a\n  <b></speak>", /well-formed XML: .* line 2, column 13/],
    ["<speak>a & b</speak>", /well-formed XML/],
    ["<speak>&lol;</speak>", /well-formed XML: invalid character entity; at line 1, column 12/],
    ['<speak a="1></speak>', /well-formed XML/],
    ["<speak>a</speak><speak>b</speak>", /must be one <speak> element/],
    ['<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', /must have no document type/],
    [`<speak>${"<p>".repeat(100)}${"</p>".repeat(100)}</speak>`, /nested more than 64 deep/],
    ['<speak><break time="an hour"/></speak>', /break time .*"an hour"/],
    ['<speak><break time="60s"/></speak>', /at most 20 seconds/],
    ['<speak><break strength="huge"/></speak>', /break strength/],
    ['<speak><prosody rate="900%">a</prosody></speak>', /prosody rate from 0.25 to 4/],
    ['<speak><prosody volume="+40dB">a</prosody></speak>', /prosody volume of at most \+12 dB/],
    [
      '<speak>\n<voice name="nobody">a</voice></speak>',
      /none named "nobody"; at line 2, column 21/,
    ],
    ['<speak><lang xml:lang="tlh">a</lang></speak>', /got "tlh"/],
    [
      `<speak>a${'<break time="20s"/>'.repeat(7)}b</speak>`,
      /at most 120 seconds of pauses in all; it has 140/,
    ],
    ["<speak><sub>a</sub></speak>", /alias in each <sub>/],
    ["<speak><mark/></speak>", /name in each <mark>/],
    [
      "<speak>नमस्ते दुनिया<mark name='in English letters, which are more than the others'/></speak>",
      /are Hindi/,
    ],
  ])("%s is refused, and it is said where", (input, message) => {
    expect(() => read(input)).toThrow(message);
    expect(() => read(input)).toThrow(expect.objectContaining({ status: 400, param: "input" }));
  });

  it("takes what is not said to be markup for text", () => {
    expect(told("I said <speak> up! 3 < 4 & 5 > 2 [pause:1s]")).toEqual([
      { text: "I said <speak> up! 3 < 4 & 5 > 2 [pause:1s]" },
    ]);
    const request = { model: "tts-1", voice: "alloy", input: "<speak>a</speak>" };
    const asText = speechRequestSchema.parse({ ...request, input_format: "text" });
    expect(asText.inputFormat).toBe("text");
  });

  it("reads the worst documents of 4096 characters soon", () => {
    const worst = ["<p/>", "&amp;", "<!---->", " ", "<![CDATA[]]>", '<break time="1ms"/>'];
    const started = performance.now();
    for (const part of worst)
      read(`<speak>${part.repeat(Math.floor(4000 / part.length))}.</speak>`);
    expect((performance.now() - started) / worst.length).toBeLessThan(300);
  });
});
