import type { HonoRequest } from "hono";
import { invalidRequest } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import type { AudioFormat, SampleRate } from "../formats.ts";
import { broken } from "../wire-values.ts";
import { type Fields, isObject, type Translation } from "./translation.ts";

const defaultOutputFormat = "mp3_44100_128";

interface Encoding {
  response_format: AudioFormat;
  sample_rate: SampleRate;
  /** In bits per second. */
  bitrate?: number;
}

/** Of the `output_format` codes of that API, codec_sample rate in Hz_kbit/s, those that are had here. */
export const outputFormats: ReadonlyMap<string, Encoding> = new Map<string, Encoding>([
  ...withBitrates("mp3", 22_050, [32]),
  ...withBitrates("mp3", 24_000, [48]),
  ...withBitrates("mp3", 44_100, [32, 64, 96, 128, 192]),
  ...withBitrates("opus", 48_000, [32, 64, 96, 128, 192]),
  ...(["pcm", "wav"] as const).flatMap((codec) =>
    ([8_000, 16_000, 22_050, 24_000, 44_100, 48_000] as const).map(
      (rate) => [`${codec}_${rate}`, { response_format: codec, sample_rate: rate }] as const,
    ),
  ),
  ["ulaw_8000", { response_format: "mulaw", sample_rate: 8_000 }],
  ["alaw_8000", { response_format: "alaw", sample_rate: 8_000 }],
]);

/** ElevenLabs' name for each field of OpenAI's that it names otherwise. */
const names = {
  input: "text",
  voice: "voice_id",
  model: "model_id",
  language: "language_code",
  lang_code: "language_code",
  speed: "voice_settings.speed",
  response_format: "output_format",
  sample_rate: "output_format",
  bitrate: "output_format",
};

/**
 * ElevenLabs' `POST /v1/text-to-speech/{voice_id}`, and the same with `/stream`, which is no different here: both stream.
 * Voices are this server's, and so are models, but for those that ElevenLabs has. Fields of this API that ElevenLabs has
 * no word for, such as `instructions`, work as they do elsewhere.
 */
export const elevenLabs: Translation = {
  paths: ["/v1/text-to-speech/:voice", "/v1/text-to-speech/:voice/stream"],
  names,
  inPath: ["voice"],
  toOpenAi(fields, request, catalogue) {
    const { text, model_id, language_code, output_format, voice_settings, ...others } = fields;
    refuseOpenAiNames(others);
    const settings = readVoiceSettings(voice_settings);
    const encoding = readOutputFormat(request.query("output_format") ?? output_format);
    return {
      ...without(others, (value) => value === null),
      ...ineffective(settings, request),
      ...encoding,
      ...readModel(model_id, catalogue),
      voice: request.param("voice"),
      ...without(
        { input: text, language: language_code, speed: settings.speed },
        (value) => value === undefined,
      ),
    };
  },
  // Its zero retention mode.
  noStore: (request) => request.query("enable_logging")?.toLowerCase() === "false",
  envelope(error) {
    const { code, message, envelope } = error;
    return { ...envelope, detail: { status: code, message } };
  },
};

function withBitrates(codec: AudioFormat, sampleRate: SampleRate, kilobits: readonly number[]) {
  return kilobits.map((rate) => {
    const encoding = { response_format: codec, sample_rate: sampleRate, bitrate: rate * 1000 };
    return [`${codec}_${sampleRate}_${rate}`, encoding] as const;
  });
}

function readOutputFormat(code: unknown): Encoding {
  const encoding = outputFormats.get(typeof code === "string" ? code : defaultOutputFormat);
  if (encoding && (code == null || typeof code === "string")) return encoding;
  const rule = `one of ${[...outputFormats.keys()].join(", ")}`;
  const message = broken("output_format", rule, code);
  throw invalidRequest("unsupported_format", message, "output_format");
}

/**
 * The default model answers for ElevenLabs' own. Names of this server go first, so that an operator may give one of those a
 * model of its own.
 */
function readModel(id: unknown, catalogue: Catalogue): Fields {
  if (id == null) return {};
  if (typeof id !== "string" || catalogue.resolveModel(id)) return { model: id };
  return /^eleven_\w+$/i.test(id) ? {} : { model: id };
}

function readVoiceSettings(settings: unknown): Fields {
  if (settings == null) return {};
  if (isObject(settings)) return settings;
  const message = broken("voice_settings", "an object", settings);
  throw invalidRequest("invalid_value", message, "voice_settings");
}

/** What has no counterpart here, by names that no field has: it will be named in `X-Ignored-Fields`. */
function ineffective({ speed: _, ...settings }: Fields, request: HonoRequest): Fields {
  const latency = request.query("optimize_streaming_latency");
  return {
    ...Object.fromEntries(
      Object.entries(settings)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [`voice_settings.${name}`, value]),
    ),
    ...(latency === undefined ? {} : { optimize_streaming_latency: latency }),
  };
}

/** Two fields for one thing could disagree. */
function refuseOpenAiNames(fields: Fields): void {
  for (const [name, theirs] of Object.entries(names)) {
    if (fields[name] == null) continue;
    const message = `${theirs} is what OpenAI calls ${name}, which must be left out here`;
    throw invalidRequest("invalid_value", message, theirs);
  }
}

function without(fields: Fields, isLeftOut: (value: unknown) => boolean): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isLeftOut(value)));
}
