const entityTag = /(?:W\/)?"[^"]*"/g;

/** Whether the client has this very file: `If-None-Match`, by weak comparison (RFC 9110, section 13.1.2). */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch?.trim() === "*") return true;
  const tags = ifNoneMatch?.match(entityTag) ?? [];
  return tags.some((tag) => tag.replace(/^W\//, "") === etag);
}

/** Whether a range may be given: `If-Range`, by strong comparison (section 13.1.5). A date never matches: none is told. */
export function mayGiveRange(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}
