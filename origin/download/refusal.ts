import { DownloadError, TransientFault } from "./download-error.ts";

/** What was asked of the hub. */
export interface Subject {
  id: string;
  revision: string;
  /** A file of the repository; absent when the repository itself was asked about. */
  path?: string;
}

const longestWaitSeconds = 10 * 60;

/**
 * What an answer other than success means, in words. `endpoint` is the hub that was asked; another server's answer
 * comes from the storage it redirected to. The hub explains itself in the headers `X-Error-Code` and
 * `X-Error-Message`, which mirrors may leave out.
 */
export function refusal(
  response: Response,
  subject: Subject,
  hub: { endpoint: string; hasToken: boolean },
): DownloadError | TransientFault {
  const { status, url, headers } = response;
  const answer = `${new URL(url).host} answered ${status}`;
  if (status === 408 || status === 429 || status >= 500) return busy(response, answer);

  const isHub = url.startsWith(`${hub.endpoint}/`);
  const isForbidden = status === 401 || status === 403;
  // The signature in a redirect lasts a while only; the next try gets another one.
  if (isForbidden && !isHub) return new TransientFault(answer);
  if (isForbidden) return new DownloadError(forbidden(headers, subject, hub, answer));
  if (status === 404) return new DownloadError(missing(headers, subject, hub.endpoint));
  return new DownloadError(`${answer} to ${url}`);
}

function busy({ headers }: Response, answer: string): DownloadError | TransientFault {
  const retryAfterSeconds = readRetryAfter(headers.get("retry-after"));
  if (retryAfterSeconds <= longestWaitSeconds) {
    return new TransientFault(answer, { retryAfterSeconds });
  }
  const minutes = Math.ceil(retryAfterSeconds / 60);
  return new DownloadError(`${answer} and asks to be left alone for ${minutes} minutes`);
}

function forbidden(
  headers: Headers,
  { id }: Subject,
  { endpoint, hasToken }: { endpoint: string; hasToken: boolean },
  answer: string,
): string {
  if (headers.get("x-error-code") === "GatedRepo") {
    return `${id} is gated: accept its terms at ${endpoint}/${id} and set HF_TOKEN to a token of that account`;
  }
  const reason = headers.get("x-error-message");
  const said = reason ? `${answer}: ${reason}` : answer;
  return hasToken
    ? `HF_TOKEN does not open ${id} (${said}): the token is wrong, or has no right to read it, or there is no such repository`
    : `${id} does not exist or is private (${said}): check the name, and set HF_TOKEN where it is private`;
}

function missing(headers: Headers, { id, revision, path }: Subject, endpoint: string): string {
  const code = headers.get("x-error-code");
  if (code === "RepoNotFound") return `There is no repository ${id} at ${endpoint}`;
  if (code === "RevisionNotFound") return `${id} has no revision ${revision}`;
  if (path !== undefined) return `${id} has no file ${path} at revision ${revision}`;
  return `There is no repository ${id} with a revision ${revision} at ${endpoint}`;
}

/** Seconds or a date: RFC 9110, section 10.2.3. */
function readRetryAfter(value: string | null): number {
  if (value === null) return 0;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? 0 : Math.max(0, seconds);
}
