import type { SpeechRequest, Turn } from "./speech-request.ts";

/** Names what is said and how: hex SHA-256 over everything that shapes the take except its seed. */
export function soundId(request: SpeechRequest): Promise<string> {
  const { model, speaker, input, instructions, language, segmentation, sampling } = request;
  const { inputFormat, markup, codeBlocks, voiceAliases } = request;
  const { normalization, lexicon, blend, turns } = request;
  return digestOf({
    model,
    speaker,
    input,
    instructions,
    language,
    segmentation,
    // Who writes no markup has the names that there were before there was any.
    ...(inputFormat === "text" ? {} : { inputFormat }),
    ...(markup === "none" ? {} : { markup }),
    ...(codeBlocks === "skip" ? {} : { codeBlocks }),
    ...(voiceAliases === "" ? {} : { voiceAliases }),
    // Left out where they are what they were before they were fields.
    ...(normalization === "auto" ? {} : { normalization }),
    ...(blend === null ? {} : { blend: blend.key }),
    ...(turns === null ? {} : { turns: JSON.stringify(turns.map(turnOf)) }),
    ...(lexicon === null ? {} : { lexicon: JSON.stringify(Object.entries(lexicon)) }),
    temperature: sampling.temperature ?? null,
    topK: sampling.topK ?? null,
    topP: sampling.topP ?? null,
    repetitionPenalty: sampling.repetitionPenalty ?? null,
  });
}

function turnOf({ start, end, speaker, blend, instructions }: Turn): unknown[] {
  return [start, end, speaker ?? blend?.key ?? null, instructions];
}

/** Names the bytes of one audio file: hex SHA-256 over the sound, an explicit seed, the form and the model's revision. */
export async function fileId(request: SpeechRequest, revision: string): Promise<string> {
  const { seed, format, sampleRate, bitrate, speed, trimSilence, volume, loudness } = request;
  const sound = await soundId(request);
  return digestOf({
    ...{ sound, seed, format, sampleRate, bitrate, speed, trimSilence, revision },
    // Only where they change something: what was kept before there were these fields is found all the same.
    ...(volume === 0 ? {} : { volume }),
    ...(loudness === null ? {} : { loudness }),
  });
}

/**
 * The seed of a request that names none, a whole number below 2^48: the same sound draws the same seed, so every
 * format of a text is the same take. A retry of a degenerate take raises `attempt`.
 */
export async function defaultSeed(sound: string, attempt = 0): Promise<number> {
  return seedOf(await digestOf({ sound, attempt }));
}

/**
 * The seed of a segment after the first of a text that is spoken in several, which has the text's own. A retry of a
 * degenerate take raises `attempt`.
 */
export async function segmentSeed(seed: number, segment: number, attempt = 0): Promise<number> {
  return seedOf(await digestOf({ seed, segment, attempt }));
}

function seedOf(digest: string): number {
  return Number.parseInt(digest.slice(0, 12), 16);
}

type Value = string | number | boolean | null;

async function digestOf(values: Record<string, Value>): Promise<string> {
  const sorted = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes = new TextEncoder().encode(JSON.stringify(sorted));
  return toHex(await crypto.subtle.digest("SHA-256", bytes));
}

/** Lower-case hexadecimal. */
export function toHex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
