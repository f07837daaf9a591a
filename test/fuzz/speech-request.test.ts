import fc from "fast-check";
import { expect, it } from "vitest";
import { formatNames, sampleRates } from "../../shared/formats.ts";
import { fileId } from "../../shared/identity.ts";
import { modelIds } from "../../shared/models.ts";
import { type SpeechRequest, speechRequestSchema } from "../../shared/speech-request.ts";
import { voices } from "../../shared/voices/presets.ts";
import { wireRequestSchema } from "../../shared/wire-request.ts";
import { runs } from "../support/fuzz.ts";

const json = fc.jsonValue({ maxDepth: 3 });
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const voice = fc.constantFrom(...voices.map(({ id }) => id), "design");
const language = fc.constantFrom("auto", "Spanish", "es", "es-MX", "zh_Hans", "fr", "tlh");
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });

const validFields: Record<string, fc.Arbitrary<unknown>> = {
  model: fc.constantFrom(...modelIds, "tts-1-es", "TTS-1-HD-fr"),
  input: fc.constantFrom("Hello.", "Hello. ", "¡Hola!", "🦊", "Ame\u0301lie"),
  voice: fc.oneof(
    voice,
    voice.map((id) => ({ id: id.toUpperCase() })),
  ),
  instructions: sometimes(fc.constantFrom("Softly.", "A\u030angstro\u0308m", " ", "")),
  response_format: sometimes(fc.constantFrom(...formatNames)),
  trim_silence: sometimes(fc.boolean()),
  volume: sometimes(real(-20, 12)),
  loudness: sometimes(real(-36, -9)),
  speed: sometimes(real(0.25, 4)),
  sample_rate: sometimes(fc.constantFrom(...sampleRates)),
  bitrate: sometimes(fc.constantFrom(32_000, 64_000, 1)),
  stream_format: sometimes(fc.constantFrom("audio", "sse")),
  stream: sometimes(fc.boolean()),
  language: sometimes(language),
  lang_code: sometimes(language),
  seed: sometimes(fc.maxSafeNat()),
  temperature: sometimes(real(0, 2)),
  top_k: sometimes(fc.nat(65_536)),
  top_p: sometimes(real(0.01, 1)),
  repetition_penalty: sometimes(real(0.1, 10)),
  segmentation: sometimes(fc.constantFrom("auto", "off")),
};

/** Bodies of the right fields, where `weight` of 20 values are anything at all. */
function bodies(weight: number): fc.Arbitrary<unknown> {
  const fields = Object.entries(validFields).map(
    ([name, valid]): [string, fc.Arbitrary<unknown>] => [
      name,
      fc.oneof({ arbitrary: valid, weight: 20 - weight }, { arbitrary: json, weight }),
    ],
  );
  return fc
    .tuple(
      fc.record(Object.fromEntries(fields), { requiredKeys: ["model", "input", "voice"] }),
      fc.oneof({ arbitrary: fc.constant({}), weight: 9 }, fc.dictionary(fc.string(), json)),
    )
    .map(([known, unknown]) => ({ ...unknown, ...known }));
}

/** What a server reads when a client has sent the value. */
function received(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The request that asks, with every field spelled out, for what another one was resolved to. */
function spelledOut({ sampling, ...request }: SpeechRequest): Record<string, unknown> {
  return {
    model: request.modelId,
    voice: request.voiceId,
    input: request.input,
    instructions: request.instructions,
    language: request.language,
    response_format: request.format,
    sample_rate: request.sampleRate,
    bitrate: request.bitrate,
    trim_silence: request.trimSilence,
    volume: request.volume,
    loudness: request.loudness,
    speed: request.speed,
    stream_format: request.streamFormat,
    stream: request.stream,
    seed: request.seed,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    repetition_penalty: sampling.repetitionPenalty,
    segmentation: request.segmentation,
  };
}

it("answers whatever JSON it gets with a request or with issues that name the field", () => {
  fc.assert(
    fc.property(fc.oneof(json, bodies(1), bodies(10)), (body) => {
      const { success, error } = speechRequestSchema.safeParse(received(body));
      if (success) return;
      expect(error.issues).not.toEqual([]);
      for (const { path, message } of error.issues) {
        const [field = "the body"] = path;
        expect(["the body", ...Object.keys(wireRequestSchema.shape)]).toContain(field);
        // Of a dialogue also which turn.
        const [named = ""] = message.split(/[ []/, 1);
        expect("the body".startsWith(named) ? "the body" : named, message).toBe(field);
        expect(message.length).toBeLessThan(1000);
      }
    }),
    runs(1000),
  );
});

it("resolves a resolved request to itself, with the same file id", async () => {
  let valid = 0;
  await fc.assert(
    fc.asyncProperty(bodies(0), async (body) => {
      const { data } = speechRequestSchema.safeParse(received(body));
      if (!data) return;
      valid++;
      const again = speechRequestSchema.parse(received(spelledOut(data)));
      expect(received(again)).toEqual(received({ ...data, ignoredFields: [] }));
      expect(await fileId(again, "r")).toBe(await fileId(data, "r"));
    }),
    runs(1000),
  );
  expect(valid).toBeGreaterThan(20);
});
