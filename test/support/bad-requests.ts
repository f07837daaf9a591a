import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { maxBodyBytes } from "../../shared/http/speech-body.ts";
import { type BadField, badFields } from "./bad-fields.ts";

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
  /** The `Accept-Encoding` header of a 415. */
  acceptEncoding?: string;
}

const speechPath = "/v1/audio/speech";
const json = { "content-type": "application/json" };
const valid = { model: "tts-1", voice: "alloy", input: "Hello." };

function post(body: string | Uint8Array) {
  return { method: "POST", path: speechPath, headers: json, body };
}

function badField({ name, change, code, param, message }: BadField): BadRequest {
  const body = JSON.stringify({ ...valid, ...change });
  return { ...post(body), name, status: 400, code, param, message };
}

function wrongMethod(method: string, path: string, takes: string, servedAs = path): BadRequest {
  return {
    name: `${method} ${path}`,
    method,
    path,
    headers: {},
    status: 405,
    code: "method_not_allowed",
    param: null,
    message: `${servedAs} takes ${takes}; got ${method}`,
    allow: `${takes}, OPTIONS`,
  };
}

/** A path that is not served, with what its answer says beside that. */
function unknownPath(method: string, path: string, hint = ""): BadRequest {
  return {
    name: `${method} ${path}`,
    method,
    path,
    headers: {},
    status: 404,
    code: "unknown_url",
    param: null,
    message: `There is no ${method} ${path} here${hint}`,
  };
}

function meant(path: string): string {
  return `; the path is ${path}. A client's base URL ends with one /v1.`;
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
  ...[
    ["gzip", gzipSync(JSON.stringify(valid))],
    ["br", brotliCompressSync(JSON.stringify(valid))],
    ["identity, deflate", deflateSync(JSON.stringify(valid))],
    ["x-unheard-of", JSON.stringify(valid)],
  ].map(([coding, body]) => ({
    ...post(body ?? ""),
    name: `a body coded as ${coding}`,
    headers: { ...json, "content-encoding": String(coding) },
    status: 415,
    code: "unsupported_content_encoding",
    param: null,
    message: `Content-Encoding must be identity or left out; got "${coding}"`,
    acceptEncoding: "identity",
  })),
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

const routes: BadRequest[] = [
  wrongMethod("GET", speechPath, "POST"),
  wrongMethod("PUT", speechPath, "POST"),
  wrongMethod("GET", `${speechPath}/base64`, "POST"),
  wrongMethod("POST", "/v1/models", "GET, HEAD"),
  wrongMethod("PUT", "/v1/audio/voices/alloy", "GET, HEAD, POST, DELETE"),
  wrongMethod("POST", "/health", "GET, HEAD"),
  wrongMethod("GET", `${speechPath}/`, "POST", speechPath),
  unknownPath("POST", "/v1/audio/speeches", "."),
  unknownPath("GET", "/v1", "."),
  unknownPath("GET", "/v1/readyz", "."),
  unknownPath("GET", "/v1/health", "; the path is /health."),
  unknownPath("POST", "/audio/speech", meant(speechPath)),
  unknownPath("POST", "/v1/v1/audio/speech", meant(speechPath)),
  unknownPath("POST", `${speechPath}${speechPath}`, meant(speechPath)),
  unknownPath("GET", "/api/v1/audio/voices/alloy", meant("/v1/audio/voices/alloy")),
  unknownPath("GET", "/models", meant("/v1/models")),
  unknownPath("GET", "/a/b/c/d/e/f/g/h/models", "."),
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

export const badRequests: readonly BadRequest[] = [
  ...bodies,
  ...badFields.map(badField),
  ...routes,
];
