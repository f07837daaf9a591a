import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import { nano, pico } from "../../../support/golden-cases.ts";
import { temporaryFolder } from "../built-model.ts";

const custom = "pico-0.6b-custom-voice";
const base = "pico-0.6b-base";

function picoCheckpoint(name: string): string {
  return `${pico.directory}/checkpoints/${name}`;
}

function copyOf(name: string): string {
  const folder = temporaryFolder();
  cpSync(picoCheckpoint(name), folder, { recursive: true });
  return folder;
}

function edit(path: string, change: (config: ReturnType<typeof JSON.parse>) => void): void {
  const config = JSON.parse(readFileSync(path, "utf8"));
  change(config);
  writeFileSync(path, JSON.stringify(config));
}

describe.each([pico, nano])("every $name checkpoint", (set) => {
  test("fits its configuration", (context) => {
    if (!set.present) return context.skip(`the ${set.name} checkpoints are not on this machine`);
    const names = readdirSync(`${set.directory}/checkpoints`);
    for (const name of names) openCheckpoint(`${set.directory}/checkpoints/${name}`).close();
    expect(names.length).toBeGreaterThanOrEqual(3);
  });
});

test("hands out configurations and tensors", () => {
  const checkpoint = openCheckpoint(picoCheckpoint(custom));
  onTestFinished(() => checkpoint.close());

  expect(checkpoint.config.talker_config.codec_eos_token_id).toBe(166);
  expect(checkpoint.config.talker_config.spk_is_dialect).toMatchObject({ eric: "sichuan_dialect" });
  expect(checkpoint.generation.subtalker_top_k).toBe(50);
  expect(checkpoint.codec.decoder_config.sliding_window).toBe(6);
  expect(checkpoint.tensors.read("talker.model.norm.weight")).toHaveLength(24);
  expect(checkpoint.codecTensors.read("decoder.pre_conv.conv.bias")).toHaveLength(20);
});

test("accepts a fine-tuned base model, which keeps the speaker encoder's configuration only", () => {
  const folder = copyOf(custom);
  edit(join(folder, "config.json"), (config) => {
    config.speaker_encoder_config = { enc_dim: 24, sample_rate: 24_000 };
    config.talker_config.spk_id = { Narrator: 1000 };
    config.talker_config.spk_is_dialect = { Narrator: false };
  });

  openCheckpoint(folder).close();
});

test("names tensors that are missing, unknown and misshapen in one error", () => {
  const folder = copyOf(custom);
  edit(join(folder, "config.json"), (config) => {
    config.talker_config.num_hidden_layers = 3;
    config.talker_config.code_predictor_config.num_hidden_layers = 1;
    config.talker_config.text_vocab_size = 319;
  });

  expect(() => openCheckpoint(folder)).toThrow(
    new RegExp(
      "model\\.safetensors does not fit its configuration:\n" +
        "missing: 11\n  talker\\.model\\.layers\\.2\\.input_layernorm\\.weight\n(.*\n)+" +
        "unknown: 11\n(.*\n)*  talker\\.code_predictor\\.model\\.layers\\.1\\.mlp\\.up_proj\\.weight\n(.*\n)+" +
        "misshapen: 1\n  talker\\.model\\.text_embedding\\.weight is \\[320,12\\], the configuration asks for \\[319,12\\]$",
    ),
  );
});

test("counts differences beyond the first twenty of a kind", () => {
  const folder = copyOf(base);
  edit(join(folder, "config.json"), (config) => {
    config.tts_model_type = "voice_design";
  });

  expect(() => openCheckpoint(folder)).toThrow(/unknown: 52\n(.*\n){20} {2}and 32 more$/);
});

test("checks the codec's file as well", () => {
  const folder = copyOf(custom);
  copyFileSync(
    join(folder, "model.safetensors"),
    join(folder, "speech_tokenizer/model.safetensors"),
  );

  expect(() => openCheckpoint(folder)).toThrow(/speech_tokenizer.model\.safetensors does not fit/);
});

test.each([
  ["config.json", "talker_config.hidden_act", "gelu"],
  ["config.json", "talker_config.rope_scaling.rope_type", "yarn"],
  ["config.json", "talker_config.head_dim", 7],
  ["config.json", "model_type", "qwen3"],
  ["config.json", "talker_config.code_predictor_config.num_code_groups", 15],
  ["generation_config.json", "top_p", 1.5],
  ["speech_tokenizer/config.json", "decoder_config.num_key_value_heads", 1],
  ["speech_tokenizer/config.json", "decode_upsample_rate", 1921],
  ["speech_tokenizer/config.json", "encoder_config.use_conv_shortcut", true],
])("refuses a %s whose %s is %s, naming both", (file, key, value) => {
  const folder = copyOf(custom);
  edit(join(folder, file), (config) => {
    const keys = key.split(".");
    const last = keys.pop() ?? "";
    keys.reduce((section, name) => section[name], config)[last] = value;
  });

  expect(() => openCheckpoint(folder)).toThrow(
    new RegExp(`${file} is not supported(.|\n)*at ${key}`),
  );
});

test("refuses a codec with other codes than the model speaks", () => {
  const folder = copyOf(custom);
  edit(join(folder, "speech_tokenizer/config.json"), (config) => {
    config.decoder_config.codebook_size = 32;
  });

  expect(() => openCheckpoint(folder)).toThrow(
    "16 codebooks of 32 do not fit a model of 16 codebooks of 64",
  );
});

test.each([
  ["without a speaker encoder's configuration", undefined, /a base model must have one/],
  ["whose speaker vector has another width", 25, /must be the talker's hidden_size.*\n.*enc_dim/],
])("refuses a base model %s", (_, enc_dim, message) => {
  const folder = copyOf(base);
  edit(join(folder, "config.json"), (config) => {
    config.speaker_encoder_config = enc_dim && { ...config.speaker_encoder_config, enc_dim };
  });

  expect(() => openCheckpoint(folder)).toThrow(message);
});

test.each([
  ["a speaker outside the vocabulary", { spk_id: { Narrator: 1088 } }, /must be above every/],
  ["a dialect it does not speak", { spk_is_dialect: { eric: "elvish" } }, /must name languages/],
])("refuses a configuration with %s", (_, fields, message) => {
  const folder = copyOf(custom);
  edit(join(folder, "config.json"), (config) => Object.assign(config.talker_config, fields));

  expect(() => openCheckpoint(folder)).toThrow(message);
});

test("says of what is no folder that it is none", () => {
  expect(() => openCheckpoint(join(temporaryFolder(), "absent"))).toThrow(
    /absent is not a folder$/,
  );
});
