import { isWithin, type Span, spanOf } from "../span.ts";

/** Long enough to spare most requests a failing origin, short enough not to miss it when it is back. */
const memorySeconds = 10;

/** How long each origin that lately failed is not trusted; as many entries as origins at most. */
const troubled = new Map<string, Span>();

/** Remembers, for a few seconds and in this isolate alone, that an origin failed. */
export function noteTrouble(origin: URL, now = Date.now()): void {
  troubled.set(origin.href, spanOf(memorySeconds * 1000, now));
}

/** Puts origins that lately failed last, and otherwise keeps their order. None is left out: all may have failed. */
export function troubledLast(origins: readonly URL[], now = Date.now()): URL[] {
  const isTroubled = ({ href }: URL) => {
    const span = troubled.get(href);
    return span !== undefined && isWithin(span, now);
  };
  return [...origins.filter((origin) => !isTroubled(origin)), ...origins.filter(isTroubled)];
}
