/** What a request's `Cache-Control` asks of the edge's cache, and of an origin, which has none, as far as it can. */
export interface RequestDirectives {
  /** Nothing of the request or its answer may be kept. */
  noStore: boolean;
  /** Answer from the cache or not at all. */
  onlyIfCached: boolean;
  /** Oldest stored answer that will do. */
  maxAgeSeconds: number;
}

/** Whether no answer that was there before will do. */
export function wantsNewTake({ maxAgeSeconds }: RequestDirectives): boolean {
  return maxAgeSeconds === 0;
}

// A token, and after "=" another or a quoted string.
const directive = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;

/**
 * Reads `Cache-Control` as a request has it (RFC 9111, section 5.2.1). `no-cache` is `max-age=0`: a speech answer cannot
 * be validated, only made anew. Directives about freshness, which stored answers never lose, change nothing.
 */
export function readRequestDirectives(header = ""): RequestDirectives {
  const directives = new Map(
    Array.from(header.matchAll(directive), ([, name = "", quoted, token]) => [
      name.toLowerCase(),
      quoted ?? token,
    ]),
  );
  return {
    noStore: directives.has("no-store"),
    onlyIfCached: directives.has("only-if-cached"),
    maxAgeSeconds: directives.has("no-cache") ? 0 : readSeconds(directives, "max-age"),
  };
}

function readSeconds(directives: Map<string, string | undefined>, name: string): number {
  if (!directives.has(name)) return Number.POSITIVE_INFINITY;
  const text = directives.get(name) ?? "";
  // Section 4.2.1 advises to take what is not a number for the strictest one.
  return /^\d+$/.test(text) ? Number(text) : 0;
}
