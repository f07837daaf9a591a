import { createReadStream } from "node:fs";
import { ApiError, notFound } from "../../shared/api-error.ts";
import { formats } from "../../shared/formats.ts";
import { unbuffered } from "../../shared/http/audio-headers.ts";
import { type ByteRange, readByteRange } from "../../shared/http/byte-range.ts";
import { isMatch, isNotModified, mayGiveRange } from "../../shared/http/preconditions.ts";
import { isOver } from "../../shared/jobs/job-answer.ts";
import type { Job } from "../jobs/jobs.ts";

/** Of a file that grows, about half a minute of speech comes at once. */
const retryAfterSeconds = 10;

interface JobFile {
  headers: Record<string, string>;
  status: number;
  /** Undefined for a body that is none. */
  parts: AsyncGenerator<Uint8Array, void> | undefined;
}

/**
 * A file of a job. One that is whole as any file: ranges, tags and lengths (RFC 9110, sections 13 and 14). One that still
 * grows: without `Range` all of it, sent as it is spoken, and reset where the job fails; a range as far as it is there, as
 * `bytes a-b/*`, and a 416 with the bytes there are for one that begins behind them. Throws a 404 where there is no such
 * file, and never will be, and a 409 where nothing of it is there yet.
 */
export function openJobFile(
  job: Job,
  index: number,
  ask: (header: string) => string | undefined,
  signal: AbortSignal,
): JobFile {
  const { record } = job;
  const file = record.files[index];
  if (!file || (isOver(record.status) && !file.isWhole)) {
    throw notFound(
      "audio_not_found",
      isOver(record.status) && record.status !== "succeeded"
        ? `The job has ${record.status}, and no files are kept of it.`
        : "The job has no such file.",
    );
  }
  if (file.bytes === 0) throw notReady();
  const { format } = record.request;
  const name = record.output === "file" ? "speech" : `chapter-${index + 1}`;
  const headers: Record<string, string> = {
    "content-type": formats[format].type,
    "content-disposition": `inline; filename="${name}.${format}"`,
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    ...unbuffered,
  };
  const path = job.filePath(index);
  if (!file.isWhole) {
    const range = readByteRange(isSuffix(ask("range")) ? undefined : ask("range"), file.bytes);
    if (range === "unsatisfiable") throw unsatisfiable(file.bytes, true);
    if (!range) return { status: 200, headers, parts: follow(job, index, signal) };
    const { first, last } = range;
    const length = { "content-length": String(last - first + 1) };
    const told = { ...headers, ...length, "content-range": `bytes ${first}-${last}/*` };
    return { status: 206, headers: told, parts: read(path, range) };
  }
  const etag = `"${record.id}-${index + 1}"`;
  headers.etag = etag;
  if (!isMatch(ask("if-match"), etag)) throw preconditionFailed(etag);
  if (isNotModified(ask("if-none-match"), etag)) return { status: 304, headers, parts: undefined };
  const range = mayGiveRange(ask("if-range"), etag)
    ? readByteRange(ask("range"), file.bytes)
    : undefined;
  if (range === "unsatisfiable") throw unsatisfiable(file.bytes, false);
  const { first, last } = range ?? { first: 0, last: file.bytes - 1 };
  headers["content-length"] = String(last - first + 1);
  if (range) headers["content-range"] = `bytes ${first}-${last}/${file.bytes}`;
  return { status: range ? 206 : 200, headers, parts: read(path, { first, last }) };
}

async function* read(path: string, { first, last }: ByteRange): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of createReadStream(path, { start: first, end: last })) {
    yield chunk as Uint8Array;
  }
}

/** What is there, and what is added to it, until it is whole. */
async function* follow(
  job: Job,
  index: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; ; ) {
    const file = job.record.files[index];
    const isWhole = file?.isWhole ?? false;
    const bytes = file?.bytes ?? 0;
    if (bytes > at) {
      yield* read(job.filePath(index), { first: at, last: bytes - 1 });
      at = bytes;
    }
    if (isWhole) return;
    if (job.isGone || isOver(job.record.status))
      throw new Error("the job has ended without a file");
    // What has changed while it was being read is not waited for.
    if (file?.bytes === bytes && !file.isWhole) await job.nextChange(signal);
    signal.throwIfAborted();
  }
}

function isSuffix(range: string | undefined): boolean {
  return /^bytes=\s*-/i.test(range ?? "");
}

function notReady(): ApiError {
  return new ApiError({
    status: 409,
    type: "invalid_request_error",
    code: "job_not_ready",
    message: "Nothing of this file has been spoken yet.",
    headers: { "retry-after": String(retryAfterSeconds) },
  });
}

function unsatisfiable(bytes: number, isGrowing: boolean): ApiError {
  const rest = isGrowing ? " It still grows." : "";
  return new ApiError({
    status: 416,
    type: "invalid_request_error",
    code: "range_not_satisfiable",
    message: `The file has ${bytes} bytes, and none in the range that was asked for.${rest}`,
    headers: {
      "content-range": `bytes */${bytes}`,
      ...(isGrowing ? { "retry-after": String(retryAfterSeconds) } : {}),
    },
  });
}

function preconditionFailed(etag: string): ApiError {
  return new ApiError({
    status: 412,
    type: "invalid_request_error",
    code: "precondition_failed",
    message: "The file is not the one that If-Match names.",
    headers: { etag, "x-should-retry": "false" },
  });
}
