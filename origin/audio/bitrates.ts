/**
 * Bits per second of the lossy formats, enough for one voice at 24 kHz to lose nothing that is heard. At 32 kbit/s LAME
 * cuts such speech off at 8 kHz, from 48 on it keeps the whole band; 64 has room to spare, at half of what clients are
 * used to from stereo music. RFC 7587, section 3.1.1, names 28 to 40 kbit/s for full-band Opus speech.
 */
export const bitrates = {
  mp3: 64_000,
  opus: 32_000,
  aac: 64_000,
} as const;
