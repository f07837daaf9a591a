import { formatNames } from "../../shared/formats.ts";
import { maxBodyBytes } from "../../shared/http/speech-body.ts";
import { rules } from "../../shared/wire-request.ts";

/** A request that edge and origin refuse in the same words. */
export interface BadRequest {
  name: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  status: number;
  code: string;
  param: string | null;
  message: string;
  /** The `Allow` header of a 405. */
  allow?: string;
}

const speechPath = "/v1/audio/speech";
const json = { "content-type": "application/json" };
const valid = { model: "tts-1", voice: "alloy", input: "Hello." };

type Refusal = [code: string, param: string | null, message: string];

/** A valid body but for those fields. */
function fields(name: string, change: object, [code, param, message]: Refusal): BadRequest {
  const body = JSON.stringify({ ...valid, ...change });
  return { ...post(body), name, status: 400, code, param, message };
}

function post(body: string | Uint8Array) {
  return { method: "POST", path: speechPath, headers: json, body };
}

function wrongMethod(method: string, path: string, takes: string): BadRequest {
  return {
    name: `${method} ${path}`,
    method,
    path,
    headers: {},
    status: 405,
    code: "method_not_allowed",
    param: null,
    message: `${path} takes ${takes}; got ${method}`,
    allow: `${takes}, OPTIONS`,
  };
}

const bodies: BadRequest[] = [
  {
    ...post('{"model": "tts-1", '),
    name: "broken JSON",
    status: 400,
    code: "invalid_json",
    param: null,
    message: "The body must be JSON; it could not be parsed.",
  },
  {
    ...post('{"model": "tts-1", "voice": "alloy", "input": "Hello.", "speed": NaN}'),
    name: "speed NaN, which JSON does not have",
    status: 400,
    code: "invalid_json",
    param: null,
    message: "The body must be JSON; it could not be parsed.",
  },
  {
    ...post('{"model": "tts-1", "voice": "alloy", "input": "Hello.", "speed": 1e999}'),
    name: "a speed too large for a number",
    status: 400,
    code: "invalid_value",
    param: "speed",
    message: "speed must be a number from 0.25 to 4; got Infinity",
  },
  {
    ...post(""),
    name: "no body",
    status: 400,
    code: "invalid_json",
    param: null,
    message: "The body must be JSON; it could not be parsed.",
  },
  {
    ...post('["tts-1"]'),
    name: "an array for a body",
    status: 400,
    code: "invalid_value",
    param: null,
    message: "the body must be a JSON object; got an array of 1",
  },
  {
    ...post(
      Buffer.concat([Buffer.from('{"input": "'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    ),
    name: "broken UTF-8",
    status: 400,
    code: "invalid_encoding",
    param: null,
    message: "The body's 15 bytes are not UTF-8.",
  },
  {
    ...post(JSON.stringify(valid)),
    name: "no content type",
    headers: {},
    status: 415,
    code: "unsupported_media_type",
    param: null,
    message: "Content-Type must be application/json; got none",
  },
  {
    ...post(JSON.stringify(valid)),
    name: "a form's content type",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    status: 415,
    code: "unsupported_media_type",
    param: null,
    message: 'Content-Type must be application/json; got "application/x-www-form-urlencoded"',
  },
  {
    ...post(" ".repeat(maxBodyBytes + 1)),
    name: "a body over the limit",
    status: 413,
    code: "request_too_large",
    param: null,
    message: `The body must be at most ${maxBodyBytes} bytes; it has ${maxBodyBytes + 1}`,
  },
  {
    ...post(" ".repeat(maxBodyBytes + 1)),
    name: "a body over the limit that does not say its length",
    headers: { ...json, "transfer-encoding": "chunked" },
    status: 413,
    code: "request_too_large",
    param: null,
    message: `The body must be at most ${maxBodyBytes} bytes; it has more`,
  },
];

const invalidFields: BadRequest[] = [
  fields("no input", { input: undefined }, [
    "missing_required_parameter",
    "input",
    "input is required",
  ]),
  fields("an empty input", { input: "" }, [
    "string_below_min_length",
    "input",
    "input must have something to say; it has 0 characters, none but white space",
  ]),
  fields("an input of white space", { input: " \n\t\u3000" }, [
    "string_below_min_length",
    "input",
    "input must have something to say; it has 4 characters, none but white space",
  ]),
  fields("an input of 4097 code points", { input: "🦊".repeat(4097) }, [
    "string_above_max_length",
    "input",
    "input must have at most 4096 characters (Unicode code points); it has 4097",
  ]),
  fields("a number for the input", { input: 5 }, [
    "invalid_value",
    "input",
    "input must be a string; got 5",
  ]),
  fields("a control character in the input", { input: "🦊a\u0000b" }, [
    "invalid_character",
    "input",
    "input must not have control characters; character 3 of 4 is U+0000",
  ]),
  fields("half a surrogate pair in the input", { input: "🦊a\ud83e" }, [
    "invalid_unicode",
    "input",
    "input must be well-formed Unicode; character 3 of 3 is half of a surrogate pair",
  ]),
  fields("instructions that are too long", { instructions: "x".repeat(5000) }, [
    "string_above_max_length",
    "instructions",
    "instructions must have at most 4096 characters (Unicode code points); it has 5000",
  ]),
  fields("no model", { model: undefined }, [
    "missing_required_parameter",
    "model",
    "model is required",
  ]),
  fields("an unknown model", { model: "whisper-1" }, [
    "model_not_found",
    "model",
    `model must be ${rules.model}; got "whisper-1"`,
  ]),
  fields("a model suffix that is no language", { model: "tts-1-xx" }, [
    "model_not_found",
    "model",
    `model must be ${rules.model}; got "tts-1-xx"`,
  ]),
  fields("no voice", { voice: undefined }, [
    "missing_required_parameter",
    "voice",
    "voice is required",
  ]),
  fields("an unknown voice", { voice: "hal" }, [
    "voice_not_found",
    "voice",
    `voice must be ${rules.voice}; got "hal"`,
  ]),
  fields("an unknown voice id of great length", { voice: { id: "x".repeat(100) } }, [
    "voice_not_found",
    "voice",
    `voice must be ${rules.voice}; got a string of 100 characters`,
  ]),
  fields("a voice without its id", { voice: { name: "alloy" } }, [
    "invalid_value",
    "voice",
    `voice must be ${rules.voice}; got an object`,
  ]),
  fields("a preset voice for a base model", { model: "qwen3-tts-12hz-0.6b-base" }, [
    "voice_not_found",
    "voice",
    'voice must be a cloned voice with qwen3-tts-12hz-0.6b-base, and this server has none; got "alloy"',
  ]),
  fields("an unknown format", { response_format: "midi" }, [
    "unsupported_format",
    "response_format",
    `response_format must be one of ${formatNames.join(", ")}; got "midi"`,
  ]),
  fields("a speed below the range", { speed: 0.2 }, [
    "invalid_value",
    "speed",
    "speed must be a number from 0.25 to 4; got 0.2",
  ]),
  fields("a speed above the range", { speed: 5 }, [
    "invalid_value",
    "speed",
    "speed must be a number from 0.25 to 4; got 5",
  ]),
  fields("a word for the speed", { speed: "fast" }, [
    "invalid_value",
    "speed",
    'speed must be a number from 0.25 to 4; got "fast"',
  ]),
  fields("an unknown stream_format", { stream_format: "websocket" }, [
    "invalid_value",
    "stream_format",
    'stream_format must be audio or sse; got "websocket"',
  ]),
  fields("an unknown language", { language: "klingon" }, [
    "unsupported_language",
    "language",
    `language must be ${rules.language}; got "klingon"`,
  ]),
  fields("an unknown lang_code", { lang_code: "tlh" }, [
    "unsupported_language",
    "lang_code",
    `lang_code must be ${rules.language}; got "tlh"`,
  ]),
  fields("two languages that disagree", { language: "French", lang_code: "de" }, [
    "invalid_value",
    "lang_code",
    "lang_code must agree with language, or be left out",
  ]),
  fields("a language other than the model's suffix", { model: "tts-1-es", language: "fr" }, [
    "invalid_value",
    "language",
    'language must agree with the model tts-1-es, which speaks spanish; got "fr"',
  ]),
  fields("a negative seed", { seed: -1 }, [
    "invalid_value",
    "seed",
    "seed must be a whole number from 0 to 9007199254740991; got -1",
  ]),
  fields("a temperature above the range", { temperature: 2.5 }, [
    "invalid_value",
    "temperature",
    "temperature must be a number from 0 to 2; got 2.5",
  ]),
];

const routes: BadRequest[] = [
  wrongMethod("GET", speechPath, "POST"),
  wrongMethod("PUT", speechPath, "POST"),
  wrongMethod("GET", `${speechPath}/base64`, "POST"),
  wrongMethod("POST", "/v1/models", "GET, HEAD"),
  wrongMethod("DELETE", "/v1/audio/voices/alloy", "GET, HEAD"),
  wrongMethod("POST", "/health", "GET, HEAD"),
  {
    ...post(JSON.stringify(valid)),
    name: "an unknown route",
    path: "/v1/audio/speeches",
    status: 404,
    code: "unknown_url",
    param: null,
    message: "There is no POST /v1/audio/speeches here.",
  },
  {
    name: "an unknown voice by its id",
    method: "GET",
    path: "/v1/audio/voices/hal",
    headers: {},
    status: 404,
    code: "voice_not_found",
    param: null,
    message: 'There is no voice "hal".',
  },
  {
    name: "an unknown model by its id",
    method: "GET",
    path: "/v1/models/whisper-1",
    headers: {},
    status: 404,
    code: "model_not_found",
    param: null,
    message: 'There is no model "whisper-1".',
  },
];

export const badRequests: readonly BadRequest[] = [...bodies, ...invalidFields, ...routes];
