/**
 * Bits per second of the lossy formats, for one voice at 24 kHz, whose band all three carry whole. LAME does from
 * 48 kbit/s on and cuts off at 8 kHz at 32, so 64 has some room; AAC is given as much. For full-band speech in Opus,
 * RFC 7587, section 3.1.1, recommends 28 to 40 kbit/s.
 */
export const bitrates = {
  mp3: 64_000,
  opus: 32_000,
  aac: 64_000,
} as const;
