import { type AudioFormat, type BitrateRange, factsOf, type SampleRate } from "./formats.ts";

export interface EncodingProblem {
  field: "sample_rate" | "bitrate";
  message: string;
}

/** What a format cannot do of what was asked, or undefined. `bitrate` in bits per second, null when not asked for. */
export function findEncodingProblem(
  format: AudioFormat,
  sampleRate: SampleRate,
  bitrate: number | null,
): EncodingProblem | undefined {
  const facts = factsOf(format);
  if (!facts.sampleRates.includes(sampleRate)) {
    const [only, ...others] = facts.sampleRates;
    const rates = others.length > 0 ? `one of ${[only, ...others].join(", ")}` : only;
    return {
      field: "sample_rate",
      message: `sample_rate must be ${rates} Hz for ${format}; got ${sampleRate}`,
    };
  }
  if (bitrate === null) return undefined;
  if (!facts.bitrate) {
    return {
      field: "bitrate",
      message: `bitrate must be left out for ${format}, which has none; got ${bitrate}`,
    };
  }
  const range = facts.bitrate.allowed(sampleRate);
  if (isAllowed(bitrate, range)) return undefined;
  return {
    field: "bitrate",
    message: `bitrate must be ${inWords(range)} bits per second for ${format} at ${sampleRate} Hz; got ${bitrate}`,
  };
}

function isAllowed(bitrate: number, { min, max, steps }: BitrateRange): boolean {
  return steps ? steps.includes(bitrate) : bitrate >= min && bitrate <= max;
}

function inWords({ min, max, steps }: BitrateRange): string {
  return steps ? `one of ${steps.join(", ")}` : `from ${min} to ${max}`;
}
