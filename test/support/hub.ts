import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";

/** One request for a file, and what a well-behaved server would answer it with. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  content: Buffer;
  /** Answers as it should be: with the range asked for, where the tag still fits. */
  send(): void;
}

/** Answers a request for a file in some other way. */
export type Fault = (exchange: Exchange) => void;

export interface SeenRequest {
  server: "hub" | "storage";
  /** With the query. */
  url: string;
  headers: IncomingHttpHeaders;
}

export interface TestHub {
  /** What HF_ENDPOINT would be. */
  url: string;
  /** Where large files come from: another port, and so another origin. */
  storageUrl: string;
  requests: SeenRequest[];
  /** The requests for one file's bytes so far. */
  requestsFor(path: string): SeenRequest[];
  /** Answers the next requests for this file's bytes with these faults, in their order; then all is well again. */
  fail(path: string, ...faults: Fault[]): void;
  /** Answers every request to the hub's own server with this instead. */
  refuse(answer: RequestListener | undefined): void;
  close(): Promise<void>;
}

export interface HubOptions {
  /** Entries on one page of a listing. */
  pageSize?: number;
  /** What a listing says of a file instead of the truth. */
  announce?: Record<string, { size?: number; oid?: string }>;
}

export const hubCommit = "0123456789abcdef0123456789abcdef01234567";

/**
 * A server that answers as the Hugging Face hub does: listings by page, small files itself, large ones by a redirect to
 * a storage server. `files` are those of the one repository it has, by path; `id` is its name.
 */
export async function startHub(
  id: string,
  files: Record<string, Buffer>,
  options: HubOptions = {},
): Promise<TestHub> {
  const requests: SeenRequest[] = [];
  const faults = new Map<string, Fault[]>();
  let refusal: RequestListener | undefined;

  function sendFile(request: IncomingMessage, response: ServerResponse, path: string): void {
    const content = files[path] ?? Buffer.of();
    const send = () => sendRange(request, response, content);
    const fault = faults.get(path)?.shift();
    if (fault) fault({ request, response, content, send });
    else send();
  }

  const storage = await listen((request, response) => {
    const url = request.url ?? "";
    requests.push({ server: "storage", url, headers: { ...request.headers } });
    sendFile(request, response, url.slice(1));
  });

  const hub = await listen((request, response) => {
    const url = request.url ?? "";
    requests.push({ server: "hub", url, headers: { ...request.headers } });
    if (refusal) return refusal(request, response);
    const [path = "", query] = url.split("?");
    if (path.startsWith(`/api/models/${id}/revision/`)) {
      const isKnown = path.endsWith("/main") || path.endsWith(`/${hubCommit}`);
      if (isKnown) return sendJson(response, { sha: hubCommit });
      return sendNothing(response, 404, "RevisionNotFound");
    }
    if (path === `/api/models/${id}/tree/${hubCommit}`) return sendPage(response, query);
    const prefix = `/${id}/resolve/${hubCommit}/`;
    if (!path.startsWith(prefix)) return sendNothing(response, 404, "RepoNotFound");
    const file = path.slice(prefix.length);
    if (files[file] === undefined) return sendNothing(response, 404, "EntryNotFound");
    if (!isLarge(file)) return sendFile(request, response, file);
    response.writeHead(302, { location: `${storage.url}/${file}` }).end();
  });

  function sendPage(response: ServerResponse, query = ""): void {
    const { pageSize = 1000 } = options;
    const start = Number(new URLSearchParams(query).get("cursor") ?? 0);
    const all = Object.entries(files).map(([path, content]) => treeEntry(path, content, options));
    const next = start + pageSize;
    if (next < all.length) {
      // As a mirror may repeat it: with the host of the hub it mirrors.
      const address = `https://hub.invalid/api/models/${id}/tree/${hubCommit}?cursor=${next}`;
      response.setHeader("link", `<${address}>; rel="next"`);
    }
    sendJson(response, all.slice(start, next));
  }

  return {
    url: hub.url,
    storageUrl: storage.url,
    requests,
    requestsFor: (path) =>
      requests.filter(({ server, url }) =>
        isLarge(path)
          ? server === "storage" && url === `/${path}`
          : url === `/${id}/resolve/${hubCommit}/${path}`,
      ),
    fail(path, ...planned) {
      faults.set(path, planned);
    },
    refuse(answer) {
      refusal = answer;
    },
    close: async () => {
      await Promise.all([hub.close(), storage.close()]);
    },
  };
}

/** The files of a folder by their paths in it. */
export function readFolder(folder: string): Record<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path)]));
}

/** As in the published repositories: what is large is in Git LFS. */
function isLarge(path: string): boolean {
  return path.endsWith(".safetensors");
}

function treeEntry(path: string, content: Buffer, { announce = {} }: HubOptions) {
  const size = announce[path]?.size ?? content.length;
  const sha1 = createHash("sha1").update(`blob ${content.length}\0`).update(content);
  const entry = { type: "file", path, size, oid: sha1.digest("hex") };
  if (!isLarge(path)) return { ...entry, ...announce[path] };
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { ...entry, lfs: { oid: announce[path]?.oid ?? sha256, size, pointerSize: 134 } };
}

/** The strong tag a file is sent with. */
export function etagOf(content: Buffer): string {
  return `"${createHash("md5").update(content).digest("hex")}"`;
}

function sendRange(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
  const etag = etagOf(content);
  const tag = request.headers["if-range"];
  const start = request.headers.range?.match(/^bytes=(\d+)-$/)?.[1];
  response.setHeader("etag", etag);
  if (start === undefined || (tag !== undefined && tag !== etag)) {
    response.writeHead(200, { "content-length": content.length }).end(content);
  } else if (Number(start) >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
  } else {
    const rest = content.subarray(Number(start));
    response.writeHead(206, {
      "content-length": rest.length,
      "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
    });
    response.end(rest);
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(value));
}

function sendNothing(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "x-error-code": code }).end();
}

async function listen(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
