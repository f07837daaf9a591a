/** Long enough to spare most requests a failing origin, short enough not to miss it when it is back. */
const memorySeconds = 10;

/** When each origin that lately failed is to be trusted again, in milliseconds; as many entries as origins at most. */
const troubledUntil = new Map<string, number>();

/** Remembers, for a few seconds and in this isolate alone, that an origin failed. */
export function noteTrouble(origin: URL, now = Date.now()): void {
  troubledUntil.set(origin.href, now + memorySeconds * 1000);
}

/** Puts origins that lately failed last, and otherwise keeps their order. None is left out: all may have failed. */
export function troubledLast(origins: readonly URL[], now = Date.now()): URL[] {
  const isTroubled = ({ href }: URL) => (troubledUntil.get(href) ?? 0) > now;
  return [...origins.filter((origin) => !isTroubled(origin)), ...origins.filter(isTroubled)];
}
