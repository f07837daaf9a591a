const entityTag = /(?:W\/)?"[^"]*"/g;

/** Whether the client has this very file: `If-None-Match`, by weak comparison (RFC 9110, section 13.1.2). */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch?.trim() === "*") return true;
  const tags = ifNoneMatch?.match(entityTag) ?? [];
  return tags.some((tag) => tag.replace(/^W\//, "") === etag);
}

/**
 * Whether the file is one that the client has a part of, or it says of none: `If-Match`, by strong comparison (section
 * 13.1.1). One that is not must not be put together with that part.
 */
export function isMatch(ifMatch: string | undefined, etag: string): boolean {
  if (ifMatch === undefined || ifMatch.trim() === "*") return true;
  return ifMatch.match(entityTag)?.includes(etag) ?? false;
}

/** Whether a range may be given: `If-Range`, by strong comparison (section 13.1.5). A date never matches: none is told. */
export function mayGiveRange(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}
