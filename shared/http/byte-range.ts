import { openChunks } from "../read-chunks.ts";

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

/** Whether a range is any other than all there is, however much that will be. */
export function isPart(header: string | undefined): boolean {
  return header !== undefined && !/^bytes=\s*0*\s*-\s*$/i.test(header);
}

/** Passes that part of a file on, and no more of it is read than that. A file that is shorter fails. */
export function sliceStream(
  body: ReadableStream<Uint8Array>,
  { first, last }: ByteRange,
): ReadableStream<Uint8Array> {
  const chunks = openChunks(body);
  let at = 0;

  async function next(): Promise<Uint8Array | undefined> {
    while (at <= last) {
      const chunk = await chunks.read();
      if (!chunk) throw new Error(`the file ends after ${at} bytes`);
      const slice = chunk.slice(Math.max(0, first - at), last + 1 - at);
      at += chunk.byteLength;
      if (slice.byteLength > 0) return slice;
    }
    return undefined;
  }

  return new ReadableStream({
    async pull(controller) {
      const slice = await next();
      if (slice) controller.enqueue(slice);
      if (at <= last) return;
      controller.close();
      await chunks.cancel();
    },
    cancel: () => chunks.cancel(),
  });
}
