import { TransientFault } from "./download-error.ts";
import type { Hub } from "./hub.ts";
import { networkFault } from "./network-fault.ts";

export interface OpenedFile {
  /** Where in the file the body begins: where it was asked to, or 0. */
  offset: number;
  etag: string | undefined;
  body: AsyncIterable<Uint8Array>;
}

export interface FileRequest {
  id: string;
  commit: string;
  path: string;
  /** Bytes that are there already. */
  offset: number;
  /** Of the answer those bytes came from, when it is known. */
  etag: string | undefined;
}

/**
 * Asks for a file from `offset` on (RFC 9110, sections 13.1.5 and 14.2). A server that knows no ranges, or whose file
 * is another one now, or that has nothing at that offset, sends it from its beginning. Throws as `Hub.get` does; the
 * body throws TransientFault.
 */
export async function openFile(
  hub: Hub,
  request: FileRequest,
  signal: AbortSignal,
): Promise<OpenedFile> {
  const { id, commit, path, offset } = request;
  const response = await hub.get(`/${id}/resolve/${commit}/${path}`, {
    subject: { id, revision: commit, path },
    headers: rangeHeaders(request),
    signal,
  });
  if (response.status === 416) {
    await response.body?.cancel();
    if (offset === 0) throw new TransientFault(`${hostOf(response)} answered 416`);
    return openFile(hub, { ...request, offset: 0, etag: undefined }, signal);
  }
  const start = response.status === 206 ? rangeStart(response) : 0;
  if (start !== 0 && start !== offset) {
    throw new TransientFault(`${hostOf(response)} sent another range of ${path} than asked for`);
  }
  return {
    offset: start,
    etag: response.headers.get("etag") ?? undefined,
    body: readBody(response, signal),
  };
}

function rangeHeaders({ offset, etag }: FileRequest): Record<string, string> {
  if (offset === 0) return {};
  const range = `bytes=${offset}-`;
  // A weak tag does not promise the same bytes and may not stand in If-Range.
  return etag && !etag.startsWith("W/") ? { range, "if-range": etag } : { range };
}

function rangeStart(response: Response): number {
  const start = response.headers.get("content-range")?.match(/^bytes (\d+)-/)?.[1];
  return start === undefined ? Number.NaN : Number(start);
}

async function* readBody(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body ?? [];
  } catch (cause) {
    signal.throwIfAborted();
    throw networkFault(cause, hostOf(response));
  }
}

function hostOf({ url }: Response): string {
  return new URL(url).host;
}
