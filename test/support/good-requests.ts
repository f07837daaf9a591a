/** Requests that look doubtful and are valid, with the headers that edge and origin answer them with. */
export interface GoodRequest {
  name: string;
  fields: Record<string, unknown>;
  headers: Record<string, string | undefined>;
}

export const goodRequests: readonly GoodRequest[] = [
  {
    name: "4096 emoji, which are 8192 UTF-16 units",
    fields: { input: "🦊".repeat(4096) },
    headers: { "content-type": "audio/mpeg", "x-ignored-fields": undefined },
  },
  {
    name: "line breaks and tabs in the input",
    fields: { input: "One.\r\n\tTwo." },
    headers: { "x-ignored-fields": undefined },
  },
  {
    name: "what a PDF has between its words",
    fields: { input: "One\u000c\u000btwo\u0000three \u00ad\u200b\ufb01ve." },
    headers: { "x-ignored-fields": undefined },
  },
  {
    name: "an ellipsis, in which there is nothing to hear",
    fields: { input: "…" },
    headers: { "content-type": "audio/mpeg" },
  },
  {
    name: "a voice as an object",
    fields: { voice: { id: "Echo" } },
    headers: { "x-voice": "echo", "x-speaker": "Dylan" },
  },
  {
    name: "names in any case",
    fields: { model: "TTS-1", voice: "UNCLE_FU" },
    headers: { "x-model": "tts-1", "x-voice": "Uncle_Fu", "x-speaker": "Uncle_Fu" },
  },
  {
    name: "a model with a language suffix",
    fields: { model: "tts-1-es", language: "es-MX" },
    headers: {
      "x-model": "tts-1-es",
      "x-resolved-model": "qwen3-tts-12hz-0.6b-custom-voice",
      "x-ignored-fields": undefined,
    },
  },
  {
    name: "a language by its tag and its name",
    fields: { language: "zh_Hans", lang_code: "Chinese" },
    headers: { "x-ignored-fields": undefined },
  },
  {
    name: "null for every field that may be left out",
    fields: {
      instructions: null,
      response_format: null,
      speed: null,
      trim_silence: null,
      volume: null,
      loudness: null,
      stream_format: null,
      stream: null,
      language: null,
      lang_code: null,
      seed: null,
      temperature: null,
      top_k: null,
      top_p: null,
      repetition_penalty: null,
      segmentation: null,
      normalization: null,
      lexicon: null,
    },
    headers: { "content-type": "audio/mpeg", "x-ignored-fields": undefined },
  },
  {
    name: "no voice for a model whose instructions are the voice",
    fields: { model: "qwen3-tts-12hz-1.7b-voice-design", voice: null },
    headers: { "x-voice": "design", "x-speaker": undefined },
  },
  {
    name: "a designed voice by its name",
    fields: { model: "qwen3-tts-12hz-1.7b-voice-design", voice: { id: "Design" } },
    headers: { "x-voice": "design", "x-speaker": undefined },
  },
  {
    name: "fields that do not exist",
    fields: { user: "u", "a name\nno header can carry": 1 },
    headers: { "x-ignored-fields": "user, and 1 more" },
  },
  {
    name: "instructions to a model that does not follow them",
    fields: { instructions: "Whisper." },
    headers: { "x-ignored-fields": "instructions" },
  },
  {
    name: "the two ends of the speed range",
    fields: { speed: 0.25 },
    headers: { "content-type": "audio/mpeg" },
  },
  {
    name: "a volume and a loudness at the ends of their ranges, one of them in a string",
    fields: { volume: "-20", loudness: -9 },
    headers: { "content-type": "audio/mpeg", "x-ignored-fields": undefined },
  },
  {
    name: "names and numbers as settings pages send them",
    fields: {
      model: " TTS-1 ",
      voice: " echo",
      response_format: "FLAC ",
      language: " EN-us",
      stream_format: "Audio",
      speed: "1.5",
      seed: " 7 ",
      sample_rate: "16000",
    },
    headers: {
      "content-type": "audio/flac",
      "x-model": "tts-1",
      "x-voice": "echo",
      "x-ignored-fields": undefined,
    },
  },
  {
    name: "booleans as forms and settings pages send them",
    fields: { stream: "false", trim_silence: " True " },
    headers: { "content-type": "audio/mpeg", "x-ignored-fields": undefined },
  },
  {
    name: "nothing in fields that may be left out",
    fields: {
      model: "",
      voice: " ",
      response_format: "",
      language: "",
      lang_code: "",
      stream_format: "",
      stream: "",
      trim_silence: " ",
      segmentation: "",
      normalization: "",
      lexicon: "",
      instructions: "",
      speed: "",
      seed: "",
    },
    headers: {
      "content-type": "audio/mpeg",
      "x-model": "tts-1",
      "x-voice": "alloy",
      "x-speaker": "Vivian",
      "x-ignored-fields": undefined,
    },
  },
  {
    name: "neither model nor voice",
    fields: { model: undefined, voice: undefined },
    headers: { "x-model": "tts-1", "x-voice": "alloy" },
  },
  {
    name: "a snapshot of OpenAI's",
    fields: { model: "gpt-4o-mini-tts-2025-12-15" },
    headers: {
      "x-model": "gpt-4o-mini-tts-2025-12-15",
      "x-resolved-model": "qwen3-tts-12hz-1.7b-custom-voice",
    },
  },
  {
    name: "the publisher's id behind a provider's prefix",
    fields: { model: "hf/qwen/QWEN3-TTS-12Hz-1.7B-CustomVoice" },
    headers: {
      "x-model": "hf/Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice",
      "x-resolved-model": "qwen3-tts-12hz-1.7b-custom-voice",
    },
  },
  {
    name: "what Kokoro's clients send",
    fields: {
      lang_code: "b",
      stream: true,
      volume_multiplier: 1.2,
      return_download_link: false,
      normalization_options: { normalize: true },
    },
    headers: {
      "x-ignored-fields": "volume_multiplier, return_download_link, normalization_options",
    },
  },
  {
    name: "what vLLM-Omni's clients send",
    fields: { task_type: "CustomVoice", language: "Auto", max_new_tokens: 2048, ref_text: "x" },
    headers: { "x-ignored-fields": "task_type, max_new_tokens, ref_text" },
  },
];
