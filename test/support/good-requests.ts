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
];
