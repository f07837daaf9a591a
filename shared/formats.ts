/** What one `response_format` is served as, and what can be asked of it. */
interface FormatFacts {
  /** Its media type. */
  type: string;
  /** In Hz. */
  sampleRates: readonly SampleRate[];
  /** Of a constant bitrate, in bits per second; absent where the format has none. */
  bitrate?: { default: number; allowed(sampleRate: SampleRate): BitrateRange };
  /** What a sample takes where it always takes the same; absent where there is a bitrate, and for FLAC. */
  bytesPerSample?: number;
  /** Of its files' names, where that is not the format's own name. */
  extension?: string;
}

/** Every whole number from `min` to `max`, or of those only the ones in `steps`. */
export interface BitrateRange {
  min: number;
  max: number;
  steps?: readonly number[];
}

export const sampleRates = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] as const;

export type SampleRate = (typeof sampleRates)[number];

/** Qwen3-TTS speaks at this rate, and OpenAI's clients take bare PCM for it without asking. */
export const speechSampleRate: SampleRate = 24_000;

/** RFC 6716, section 2: Opus has no 22.05 and 44.1 kHz. RFC 7587, section 3.1.1, recommends 28 to 40 kbit/s for speech. */
const opus = {
  sampleRates: [8_000, 16_000, 24_000, 48_000],
  bitrate: { default: 32_000, allowed: () => ({ min: 6_000, max: 256_000 }) },
} as const satisfies Omit<FormatFacts, "type">;

/** ITU-T G.711, which is of telephones: their 8 kHz is the only rate at which anything takes it without being told. */
const g711 = { sampleRates: [8_000], bytesPerSample: 1 } as const satisfies Partial<FormatFacts>;

/**
 * The formats. `ogg` is Ogg Opus, the same bytes as `opus`, for players that go by `audio/ogg`; `webm` has the same
 * packets as MediaSource takes them, and the name that `MediaSource.isTypeSupported` knows. `pcm`, `mulaw` and `alaw` have
 * no header; `audio/basic` is μ-law by RFC 2046, section 4.3. Default bitrates carry the whole band of one voice at
 * 24 kHz: LAME does from 48 kbit/s on and cuts off at 8 kHz at 32.
 */
export const formats = {
  mp3: {
    type: "audio/mpeg",
    sampleRates,
    bitrate: { default: 64_000, allowed: mp3Bitrates },
  },
  opus: { type: "audio/opus", ...opus },
  aac: {
    type: "audio/aac",
    sampleRates,
    bitrate: { default: 64_000, allowed: aacBitrates },
  },
  flac: { type: "audio/flac", sampleRates },
  wav: { type: "audio/wav", sampleRates, bytesPerSample: 2 },
  pcm: { type: "audio/pcm", sampleRates, bytesPerSample: 2 },
  ogg: { type: "audio/ogg", ...opus },
  webm: { type: "audio/webm; codecs=opus", ...opus },
  mulaw: { type: "audio/basic", ...g711, extension: "ulaw" },
  alaw: { type: "audio/x-alaw-basic", ...g711 },
} as const satisfies Record<string, FormatFacts>;

export type AudioFormat = keyof typeof formats;

export const formatNames = Object.keys(formats) as [AudioFormat, ...AudioFormat[]];

/** What else formats are called: by RTP, which has them as PCMU and PCMA, by OpenAI's Realtime API, and by file names. */
export const formatAliases: Readonly<Record<string, AudioFormat>> = {
  ulaw: "mulaw",
  pcmu: "mulaw",
  g711_ulaw: "mulaw",
  pcma: "alaw",
  g711_alaw: "alaw",
};

/** The format of that name or alias, in any case and among white space. */
export function findFormat(name: string): AudioFormat | undefined {
  const folded = name.trim().toLowerCase();
  const alias = Object.hasOwn(formatAliases, folded) ? formatAliases[folded] : undefined;
  return alias ?? formatNames.find((format) => format === folded);
}

/** The facts of a format, with those that only some have. */
export function factsOf(format: AudioFormat): FormatFacts {
  return formats[format];
}

/** What a file is called that somebody keeps. */
export function fileName(format: AudioFormat): string {
  return `speech.${factsOf(format).extension ?? format}`;
}

/** The rate of a file nobody asked one for, in Hz: that of speech, or the nearest the format has. */
export function defaultSampleRate(format: AudioFormat): SampleRate {
  const facts = factsOf(format);
  const [only = speechSampleRate] = facts.sampleRates;
  return facts.sampleRates.includes(speechSampleRate) ? speechSampleRate : only;
}

/** The bitrate of a file nobody asked one for, in bits per second; null where the format has none. */
export function defaultBitrate(format: AudioFormat, sampleRate: SampleRate): number | null {
  const { bitrate } = factsOf(format);
  return bitrate ? Math.min(bitrate.default, bitrate.allowed(sampleRate).max) : null;
}

/** What a second of a file takes: of FLAC at most, as 16-bit PCM. */
export function bytesPerSecond({
  format,
  bitrate,
  sampleRate,
}: {
  format: AudioFormat;
  bitrate: number | null;
  sampleRate: SampleRate;
}): number {
  return bitrate === null ? (factsOf(format).bytesPerSample ?? 2) * sampleRate : bitrate / 8;
}

/**
 * ISO/IEC 11172-3 and 13818-3, layer III; 8 kHz is the extension known as MPEG-2.5. Of their steps the encoder,
 * wasm-media-encoders, refuses 56 and 144 kbit/s.
 */
function mp3Bitrates(sampleRate: SampleRate): BitrateRange {
  const kilobits =
    sampleRate >= 32_000
      ? [32, 40, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
      : sampleRate >= 16_000
        ? [8, 16, 24, 32, 40, 48, 64, 80, 96, 112, 128, 160]
        : [8, 16, 24, 32, 40, 48, 64];
  const steps = kilobits.map((rate) => rate * 1000);
  return { min: Math.min(...steps), max: Math.max(...steps), steps };
}

/** ISO/IEC 14496-3: a channel has at most 6144 bits for a frame of 1024 samples. */
function aacBitrates(sampleRate: SampleRate): BitrateRange {
  return { min: 16_000, max: 6 * sampleRate };
}
