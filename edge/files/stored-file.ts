import { ApiError } from "../../shared/api-error.ts";
import { type AudioFormat, fileName, formats } from "../../shared/formats.ts";
import { type ByteRange, readByteRange, sliceStream } from "../../shared/http/byte-range.ts";
import { isMatch, isNotModified, mayGiveRange } from "../../shared/http/preconditions.ts";
import { entityTag } from "../cache/cache-headers.ts";
import { sendStored } from "../cache/send-stored.ts";
import { letGo, type StoredAudio } from "../cache/stored-audio.ts";

/** For players in a page. */
export function inlineHeaders(format: AudioFormat): Record<string, string> {
  return {
    "content-type": formats[format].type,
    "content-disposition": `inline; filename="${fileName(format)}"`,
  };
}

interface FileOptions {
  /** To be answered beside those of the file. */
  headers: Record<string, string>;
  /** Is called when the file is found damaged. */
  onDamaged(damage: Error): Promise<void>;
}

/**
 * Answers a GET or HEAD for a stored file: whole, in part, or not at all when the client has it (RFC 9110, sections 13
 * and 14). Throws a 412 when it is not the file the client has a part of, and a 416.
 */
export async function answerWithFile(
  request: Request,
  stored: StoredAudio,
  { headers: given, onDamaged }: FileOptions,
): Promise<Response> {
  const { facts } = stored;
  const etag = entityTag(facts);
  const ask = (name: string) => request.headers.get(name) ?? undefined;
  const headers: Record<string, string> = {
    ...given,
    ...inlineHeaders(facts.format),
    "accept-ranges": "bytes",
    etag,
  };
  if (!isMatch(ask("if-match"), etag)) {
    await letGo(stored);
    throw preconditionFailed(etag);
  }
  if (isNotModified(ask("if-none-match"), etag)) {
    await letGo(stored);
    return new Response(null, { status: 304, headers });
  }
  if (request.method === "HEAD") {
    await letGo(stored);
    return new Response(null, { headers: { ...headers, "content-length": String(facts.bytes) } });
  }
  const range = mayGiveRange(ask("if-range"), etag)
    ? readByteRange(ask("range"), facts.bytes)
    : undefined;
  if (range === "unsatisfiable") {
    await letGo(stored);
    throw unsatisfiable(facts.bytes);
  }
  if (!range) return new Response(sendStored(stored, onDamaged).body, { headers });
  return new Response(partOf(stored, range), {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${range.first}-${range.last}/${facts.bytes}` },
  });
}

function partOf({ body }: StoredAudio, range: ByteRange): BodyInit {
  if (body instanceof Uint8Array) return body.subarray(range.first, range.last + 1);
  return sliceStream(body, range).pipeThrough(new FixedLengthStream(range.last + 1 - range.first));
}

function preconditionFailed(etag: string): ApiError {
  return new ApiError({
    status: 412,
    type: "invalid_request_error",
    code: "precondition_failed",
    message: "The file is not the one that If-Match names: it was spoken anew.",
    headers: { etag, "x-should-retry": "false" },
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
