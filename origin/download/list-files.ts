import * as z from "zod";
import type { Digest } from "./digest.ts";
import { DownloadError } from "./download-error.ts";
import type { Hub } from "./hub.ts";
import { networkFault } from "./network-fault.ts";

export interface RemoteFile {
  /** Inside the repository. */
  path: string;
  bytes: number;
  digest: Digest;
}

const commitSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });

const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.int().default(0),
    oid: z.string(),
    lfs: z.object({ oid: z.string(), size: z.int() }).nullish(),
  }),
);

/** The commit that a branch, tag or commit means at present. Throws as `Hub.get` does. */
export async function findCommit(
  hub: Hub,
  { id, revision }: { id: string; revision: string },
  signal: AbortSignal,
): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(revision)) return revision;
  const path = `/api/models/${id}/revision/${encodeURIComponent(revision)}`;
  const response = await hub.get(path, { subject: { id, revision }, signal });
  return (await readJson(response, commitSchema)).sha;
}

/** Every file of a repository at a commit, with what its content must digest to. Throws as `Hub.get` does. */
export async function listFiles(
  hub: Hub,
  { id, commit }: { id: string; commit: string },
  signal: AbortSignal,
): Promise<RemoteFile[]> {
  const path = `/api/models/${id}/tree/${commit}`;
  const files: RemoteFile[] = [];
  let query: string | undefined = "?recursive=true";
  while (query !== undefined) {
    const response = await hub.get(path + query, { subject: { id, revision: commit }, signal });
    for (const entry of await readJson(response, treeSchema)) {
      if (entry.type === "file") files.push(remoteFile(entry));
    }
    query = nextQuery(response.headers.get("link"));
  }
  return files;
}

function remoteFile({ path, size, oid, lfs }: z.infer<typeof treeSchema>[number]): RemoteFile {
  return lfs
    ? { path, bytes: lfs.size, digest: `sha256:${lfs.oid}` }
    : { path, bytes: size, digest: `git-sha1:${oid}` };
}

/** Of the next page's address only the query is taken: a mirror may repeat the hub's own host, which has not our token. */
function nextQuery(link: string | null): string | undefined {
  const next = link?.match(/<([^>]*)>\s*;\s*rel="?next"?/)?.[1];
  return next?.slice(next.indexOf("?"));
}

async function readJson<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const { host } = new URL(response.url);
  const text = await response.text().catch((cause) => {
    throw networkFault(cause, host);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DownloadError(
    `${host} does not answer as a Hugging Face hub does: is HF_ENDPOINT right, or does a proxy answer in its place?`,
  );
}
