/** The values of SSML's attributes (W3C SSML 1.1, sections 3.1 and 3.2), undefined for what is none. */

export const mostPauseSeconds = 20;
export const slowestRate = 0.25;
export const fastestRate = 4;
export const mostGain = 12;
/** What is said so softly is not heard. */
const silentGain = -100;

/** The silences of `break strength`, in seconds. */
const strengths: Readonly<Record<string, number>> = {
  none: 0,
  "x-weak": 0.1,
  weak: 0.15,
  medium: 0.35,
  strong: 0.6,
  "x-strong": 1.2,
};

const rates: Readonly<Record<string, number>> = {
  "x-slow": 0.5,
  slow: 0.75,
  medium: 1,
  default: 1,
  fast: 1.25,
  "x-fast": 1.6,
};

const volumes: Readonly<Record<string, number>> = {
  silent: silentGain,
  "x-soft": -12,
  soft: -6,
  medium: 0,
  default: 0,
  loud: 4,
  "x-loud": 8,
};

/** "1.5s" or "500ms", in seconds; a bare number is seconds too. */
export function parseDuration(text: string): number | undefined {
  const { number, unit } =
    /^\+?(?<number>\d+\.?\d*|\.\d+)\s*(?<unit>s|ms)?$/i.exec(text.trim())?.groups ?? {};
  if (number === undefined) return undefined;
  const seconds = Number(number) / (unit?.toLowerCase() === "ms" ? 1000 : 1);
  return seconds <= mostPauseSeconds ? seconds : undefined;
}

export function parseStrength(text: string): number | undefined {
  return lookUp(strengths, text);
}

/** "fast", "120%" and "1.2" of the speed that it is within, or "+20%" and "-20%". */
export function parseRate(text: string): number | undefined {
  const word = lookUp(rates, text);
  if (word !== undefined) return word;
  const { sign, number, percent } =
    /^(?<sign>[+-])?(?<number>\d+\.?\d*|\.\d+)(?<percent>%)?$/.exec(text.trim())?.groups ?? {};
  if (number === undefined || (sign && !percent)) return undefined;
  const part = Number(number) / (percent ? 100 : 1);
  if (!sign) return part;
  return sign === "+" ? 1 + part : 1 - part;
}

/** "loud", "+6dB" and "-6dB", in decibels, or a number from 0 to 100 of the full volume (SSML 1.0). */
export function parseVolume(text: string): number | undefined {
  const word = lookUp(volumes, text);
  if (word !== undefined) return word;
  const decibels = /^(?<decibels>[+-]?(\d+\.?\d*|\.\d+))\s*dB$/i.exec(text.trim())?.groups
    ?.decibels;
  if (decibels !== undefined) return Math.max(silentGain, Number(decibels));
  const percent = /^(?<percent>\d{1,3}(\.\d*)?)%?$/.exec(text.trim())?.groups?.percent;
  if (percent === undefined || Number(percent) > 100) return undefined;
  return Math.max(silentGain, 20 * Math.log10(Number(percent) / 100));
}

function lookUp(words: Readonly<Record<string, number>>, text: string): number | undefined {
  const word = text.trim().toLowerCase();
  return Object.hasOwn(words, word) ? words[word] : undefined;
}
