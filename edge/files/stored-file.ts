import { ApiError } from "../../shared/api-error.ts";
import { byteStream } from "../../shared/byte-stream.ts";
import { type AudioFormat, formats } from "../../shared/formats.ts";
import { entityTag } from "../cache/cache-headers.ts";
import { readStoredAudio } from "../cache/read-stored-audio.ts";
import type { StoredAudio } from "../cache/stored-audio.ts";
import { readByteRange, sliceBytes } from "./byte-range.ts";
import { isNotModified, mayGiveRange } from "./preconditions.ts";

/** For players in a page. */
export function inlineHeaders(format: AudioFormat): Record<string, string> {
  return {
    "content-type": formats[format].type,
    "content-disposition": `inline; filename="speech.${format}"`,
  };
}

interface FileOptions {
  /** To be answered beside those of the file. */
  headers: Record<string, string>;
  /** Is called when the file is found damaged. */
  remove(): Promise<void>;
}

/**
 * Answers a GET or HEAD for a stored file: whole, in part, or not at all when the client has it (RFC 9110, sections 13
 * and 14). Throws a 416.
 */
export async function answerWithFile(
  request: Request,
  stored: StoredAudio,
  { headers: given, remove }: FileOptions,
): Promise<Response> {
  const { facts, body } = stored;
  const etag = entityTag(facts);
  const ask = (name: string) => request.headers.get(name) ?? undefined;
  const headers: Record<string, string> = {
    ...given,
    ...inlineHeaders(facts.format),
    "accept-ranges": "bytes",
    etag,
  };
  if (isNotModified(ask("if-none-match"), etag)) {
    await body.cancel();
    return new Response(null, { status: 304, headers });
  }
  if (request.method === "HEAD") {
    await body.cancel();
    return new Response(null, { headers: { ...headers, "content-length": String(facts.bytes) } });
  }
  const range = mayGiveRange(ask("if-range"), etag)
    ? readByteRange(ask("range"), facts.bytes)
    : undefined;
  if (range === "unsatisfiable") {
    await body.cancel();
    throw unsatisfiable(facts.bytes);
  }
  const { first, last } = range ?? { first: 0, last: facts.bytes - 1 };
  const slice = sliceBytes(readStoredAudio(stored, remove), { first, last });
  const fixed = new FixedLengthStream(last + 1 - first);
  const part = byteStream(slice, new AbortController()).pipeThrough(fixed);
  if (!range) return new Response(part, { headers });
  const contentRange = `bytes ${first}-${last}/${facts.bytes}`;
  return new Response(part, {
    status: 206,
    headers: { ...headers, "content-range": contentRange },
  });
}

function unsatisfiable(fileBytes: number): ApiError {
  return new ApiError({
    status: 416,
    type: "invalid_request_error",
    code: "range_not_satisfiable",
    message: `The file has ${fileBytes} bytes, and none in the range that was asked for.`,
    headers: { "content-range": `bytes */${fileBytes}` },
  });
}
