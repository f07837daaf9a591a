/** The part of a file, both ends included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * Reads `Range` for a file of that many bytes (RFC 9110, section 14.1.2). Undefined for one that is to be ignored: of
 * another unit, malformed, or several at once, which would need a multipart answer.
 */
export function readByteRange(
  header: string | undefined,
  fileBytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, from, to] = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || from + to === "") return undefined;
  if (from === "") return suffix(Number(to), fileBytes);
  const first = Number(from);
  const last = to === "" ? fileBytes - 1 : Number(to);
  if (to !== "" && last < first) return undefined;
  if (first >= fileBytes) return "unsatisfiable";
  return { first, last: Math.min(last, fileBytes - 1) };
}

function suffix(bytes: number, fileBytes: number): ByteRange | "unsatisfiable" {
  if (bytes === 0) return "unsatisfiable";
  return { first: Math.max(0, fileBytes - bytes), last: fileBytes - 1 };
}

/** Passes that part of a file on, and no more of it is read than that. */
export async function* sliceBytes(
  parts: AsyncIterable<Uint8Array>,
  { first, last }: ByteRange,
): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for await (const part of parts) {
    const slice = part.subarray(Math.max(0, first - at), last + 1 - at);
    at += part.byteLength;
    if (slice.byteLength > 0) yield slice;
    if (at > last) return;
  }
}
