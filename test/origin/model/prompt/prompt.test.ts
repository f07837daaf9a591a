import { afterAll, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import { createPromptEmbedder } from "../../../../origin/model/prompt/prompt-embedder.ts";
import { layOutPrompt } from "../../../../origin/model/prompt/prompt-layout.ts";
import { tokenizePrompt } from "../../../../origin/model/prompt/prompt-text.ts";
import { checkTemplates } from "../../../../origin/model/prompt/templates.ts";
import { buildTextProjection } from "../../../../origin/model/prompt/text-projection.ts";
import { voiceTokens } from "../../../../origin/model/prompt/voice-tokens.ts";
import { readTokenizer } from "../../../../origin/model/tokenizer.ts";
import { nano, pico, presetVoiceCases } from "../../../support/golden-cases.ts";
import { relativeError } from "../../../support/relative-error.ts";
import { load } from "../built-model.ts";

describe.each([pico, nano])("$name", (set) => {
  if (!set.present) return test.skip("its checkpoints are not on this machine", () => {});
  const tokenizer = readTokenizer(`${set.directory}/checkpoints/${set.name}-0.6b-custom-voice`);

  test.each(presetVoiceCases(set))("$name has the official ids and vectors", async (golden) => {
    const { config, tensors, close } = openCheckpoint(golden.checkpoint);
    const projection = await load((model) =>
      buildTextProjection(model, config.talker_config, tensors),
    );

    const text = tokenizePrompt(await tokenizer, golden.text, golden.instruct ?? null);
    const voice = voiceTokens(config.talker_config, {
      speaker: golden.speaker ?? null,
      language: golden.language,
    });
    const layout = golden.non_streaming_mode ? "whole" : "streaming";
    const prompt = layOutPrompt(config, text, voice, layout);
    const embedder = await createPromptEmbedder({ config, tensors, projection });
    const { embeddings, trailing } = await embedder.embed(prompt);
    close();

    const ending = (await tokenizer).encodeTemplate("<|im_end|>\n<|im_start|>assistant\n");
    expect([...text.role, ...text.body, ...ending]).toEqual(golden.input_ids);
    expect(text.instruction).toEqual(golden.instruct_ids ?? []);
    expect(prompt.positions).toHaveLength(golden.prompt_length);
    expect(relativeError(embeddings, golden.floats("prompt.f32"))).toBeLessThan(1e-6);
    expect(trailing).toHaveLength(prompt.trailing.length * golden.hidden_size);
  });
});

const checkpoint = openCheckpoint(`${pico.directory}/checkpoints/pico-0.6b-custom-voice`);
afterAll(() => checkpoint.close());
const { config } = checkpoint;
const talker = config.talker_config;
const tokenizer = readTokenizer(checkpoint.folder);
const readable = await tokenizer;

describe("the layout of a prompt", () => {
  const text = { role: [281, 263, 10], body: [274, 279], instruction: [281, 266, 10, 33, 282, 10] };
  const voice = voiceTokens(talker, { speaker: "Ryan", language: "English" });
  const head = [
    ...[...text.instruction, ...text.role].map((id) => ({ text: id, codec: null })),
    ...[170, 172, 66, 173, 1077].map((codec) => ({ text: 308, codec })),
    { text: 309, codec: 164 },
  ];

  test("puts the whole text before the first frame", () => {
    const { positions, trailing } = layOutPrompt(config, text, voice, "whole");

    expect(positions).toEqual([
      ...head,
      { text: 274, codec: 164 },
      { text: 279, codec: 164 },
      { text: 310, codec: 164 },
      { text: 308, codec: 165 },
    ]);
    expect(trailing).toEqual([]);
  });

  test("or leaves all but its first token to the frames", () => {
    const { positions, trailing } = layOutPrompt(config, text, voice, "streaming");

    expect(positions).toEqual([...head, { text: 274, codec: 165 }]);
    expect(trailing).toEqual([279, 310]);
  });
});

describe("the layout of a prompt that goes on from a reference", () => {
  const text = { role: [281, 263, 10], body: [274, 279], instruction: [] };
  const xVector = new Float32Array(talker.hidden_size).fill(1);
  const voice = voiceTokens(talker, { speaker: null, xVector, language: "English" });
  const vector = (value: number) => new Float32Array(talker.hidden_size).fill(value);
  const [said, frames] = [
    [vector(1), vector(2)],
    [vector(3), vector(4), vector(5)],
  ];
  const head = [
    ...text.role.map((id) => ({ text: id, codec: null })),
    ...[170, 172, 66, 173, xVector].map((codec) => ({ text: 308, codec })),
    { text: 309, codec: 164 },
  ];

  test("has its text and the new one beside its frames, and what is left with those to come", () => {
    const reference = { text: said, frames };
    const { positions, trailing } = layOutPrompt(config, text, voice, "streaming", reference);

    expect(positions).toEqual([
      ...head,
      { text: said[0], codec: 165 },
      { text: said[1], codec: frames[0] },
      { text: 274, codec: frames[1] },
      { text: 279, codec: frames[2] },
    ]);
    expect(trailing).toEqual([310]);
  });

  test("is padded where the frames are more than the texts", () => {
    const reference = { text: [vector(1)], frames: [...frames, ...frames] };
    const { positions, trailing } = layOutPrompt(config, text, voice, "streaming", reference);

    expect(positions.slice(head.length).map((position) => position.text)).toEqual([
      ...reference.text,
      ...[274, 279, 310, 308, 308, 308],
    ]);
    expect(trailing).toEqual([]);
  });

  test("or has all of the texts first, and then the frames", () => {
    const reference = { text: said, frames };
    const { positions, trailing } = layOutPrompt(config, text, voice, "whole", reference);

    expect(positions).toEqual([
      ...head,
      ...[...said, 274, 279, 310].map((part) => ({ text: part, codec: 164 })),
      ...[165, ...frames].map((codec) => ({ text: 308, codec })),
    ]);
    expect(trailing).toEqual([]);
  });
});

describe.each(["whole", "streaming"] as const)("the layout of a %s text", (layout) => {
  const voice = voiceTokens(talker, { speaker: "Ryan", language: "English" });
  const vector = (value: number) => new Float32Array(talker.hidden_size).fill(value);
  const references = {
    "no reference": null,
    "a reference": { text: [vector(1), vector(2)], frames: [vector(3), vector(4), vector(5)] },
    "a reference of more text than sound": { text: [vector(1), vector(2)], frames: [vector(3)] },
  };

  test.each(Object.entries(references))("begins alike for any text, with %s", (_, reference) => {
    const of = (body: number[]) => {
      const text = { role: [281, 263, 10], body, instruction: [281, 266, 10] };
      return layOutPrompt(config, text, voice, layout, reference);
    };
    const [one, other] = [of([274, 279]), of([275, 280, 281])];
    const count = one.fixedPositions;
    expect(count).toBe(other.fixedPositions);
    expect(count).toBeGreaterThanOrEqual(12);
    expect(one.positions.slice(0, count)).toEqual(other.positions.slice(0, count));
    const others = ({ positions, trailing }: typeof one) => [
      ...positions.slice(count),
      ...trailing,
    ];
    expect(others(one)).not.toEqual(others(other));
  });
});

describe("a mixture of speakers", () => {
  test("is the weighted mean of their vectors, and speaks the dialect of all of them only", async () => {
    const { tensors } = checkpoint;
    const projection = await load((model) => buildTextProjection(model, talker, tensors));
    const embedder = await createPromptEmbedder({ config, tensors, projection });
    const vectorOf = async (voice: Parameters<typeof voiceTokens>[1]) => {
      const { speaker } = voiceTokens(talker, voice);
      const { embeddings } = await embedder.embed({
        positions: [{ text: 308, codec: speaker }],
        fixedPositions: 0,
        trailing: [],
      });
      return embeddings;
    };
    const language = "english";
    const ryan = await vectorOf({ speaker: "ryan", language });
    const eric = await vectorOf({ speaker: "eric", language });

    const mix = [
      { speaker: "Ryan", weight: 3 },
      { speaker: "Eric", weight: 1 },
    ];
    const mixed = await vectorOf({ speaker: null, mix, language });

    const mean = ryan.map((value, index) => 0.75 * value + 0.25 * (eric[index] ?? 0));
    expect(relativeError(mixed, mean)).toBeLessThan(1e-6);
    const row = tensors.readRows("talker.model.codec_embedding.weight", talker.spk_id.eric ?? 0, 1);
    const withVector = [
      { speaker: "Ryan", weight: 3 },
      { vector: row, weight: 1 },
    ];
    expect(await vectorOf({ speaker: null, mix: withVector, language })).toEqual(mixed);
    const thinking = (names: string[]) => {
      const parts = names.map((speaker) => ({ speaker, weight: 1 }));
      return voiceTokens(talker, { speaker: null, mix: parts, language: "auto" }).thinking;
    };
    expect(thinking(["ryan", "eric"])).toEqual([171, 172, 173]);
    expect(thinking(["eric", "Eric"])).toEqual([170, 172, 78, 173]);
  });
});

describe("voices", () => {
  test.each([
    ["ryan", "auto", [171, 172, 173]],
    ["Ryan", "German", [170, 172, 69, 173]],
    ["dylan", "Auto", [170, 172, 90, 173]],
    ["dylan", "Chinese", [170, 172, 90, 173]],
    ["eric", "chinese", [170, 172, 78, 173]],
    ["eric", "english", [170, 172, 66, 173]],
    [null, "auto", [171, 172, 173]],
  ])("%s in %s thinks %j", (speaker, language, thinking) => {
    expect(voiceTokens(talker, { speaker, language }).thinking).toEqual(thinking);
  });

  test("a speaker stored in upper case is found in any case", () => {
    const tuned = { ...talker, spk_id: { Ada: 1000 }, spk_is_dialect: { Ada: false as const } };

    expect(voiceTokens(tuned, { speaker: "ada", language: "auto" }).speaker).toBe(1000);
    expect(voiceTokens(tuned, { speaker: null, language: "auto" }).speaker).toBeNull();
  });

  test.each([
    [{ speaker: "nobody", language: "auto" }, "voice_not_found", "voice"],
    [{ speaker: "toString", language: "auto" }, "voice_not_found", "voice"],
    [
      { speaker: null, mix: [{ speaker: "nobody", weight: 1 }], language: "auto" },
      "voice_not_found",
      "voice",
    ],
    [
      { speaker: null, mix: [{ vector: new Float32Array(7), weight: 1 }], language: "auto" },
      "voice_not_found",
      "voice",
    ],
    [{ speaker: null, xVector: new Float32Array(7), language: "auto" }, "voice_not_found", "voice"],
    [{ speaker: "ryan", language: "latin" }, "unsupported_language", "language"],
    [{ speaker: "ryan", language: "beijing_dialect" }, "unsupported_language", "language"],
  ])("%j is refused", (voice, code, param) => {
    expect(() => voiceTokens(talker, voice)).toThrow(
      expect.objectContaining({ status: 400, code, param }),
    );
  });
});

describe("the templates", () => {
  test("have the ids that config.json names", async () => {
    expect(() => checkTemplates(readable, config)).not.toThrow();
  });

  test.each([
    [
      "assistant_token_id",
      '"<|im_start|>assistant\\n" the ids 281, 263, 10, and config.json 281, 7, any',
    ],
    ["im_end_token_id", '"<|im_end|>\\n" the ids 282, 10, and config.json 7, any'],
    ["tts_eos_token_id", '"<tts_text_eod>" the ids 310, and config.json 7'],
  ])("are refused with another %s", (name, message) => {
    expect(() => checkTemplates(readable, { ...config, [name]: 7 })).toThrow(
      `the tokenizer makes ${message}`,
    );
  });
});

describe("the text of a prompt", () => {
  const tokenize = async (text: string, instructions: string | null = null) =>
    tokenizePrompt(await tokenizer, text, instructions);

  test("keeps control tokens that a user wrote as text", async () => {
    const { body } = await tokenize("<|im_end|>\n<tts_pad>");

    expect(Math.max(...body)).toBeLessThan(280);
    expect(String.fromCharCode(...body)).toBe("<|im_end|>\n<tts_pad>");
  });

  test("and in the instructions, whose turn they would end", async () => {
    const { instruction } = await tokenize("a", "<|im_end|>");

    expect(instruction.slice(0, 3)).toEqual([281, 266, 10]);
    expect(String.fromCharCode(...instruction.slice(3, -2))).toBe("<|im_end|>");
    expect(instruction.slice(-2)).toEqual([282, 10]);
  });

  test("loses the white space around it and none within", async () => {
    const { body, role } = await tokenize("\r\n\u0085 a\n b\u3000\n");

    expect(role).toEqual([281, 263, 10]);
    expect(String.fromCharCode(...body)).toBe("a\n b");
  });

  test.each(["", " \n", "\u0085\u3000"])("%j has nothing to say", async (text) => {
    await expect(tokenize(text)).rejects.toMatchObject({ status: 400, code: "nothing_to_speak" });
  });

  test.each([null, "", " \n"])("has no instruction for %j", async (instructions) => {
    expect((await tokenize("a", instructions)).instruction).toEqual([]);
  });

  test("trims the instruction too", async () => {
    expect((await tokenize("a", "\n!\n")).instruction).toEqual([281, 266, 10, 33, 282, 10]);
  });
});
