import { checkpointFiles } from "./checkpoint-files.ts";
import type { Digest } from "./digest.ts";
import { DownloadError } from "./download-error.ts";
import type { Source } from "./find-repository.ts";
import type { Hub } from "./hub.ts";
import { listFiles, type RemoteFile } from "./list-files.ts";
import type { PinnedFile } from "./repositories.ts";

/**
 * The files of a repository that make a checkpoint. Their digests are the pinned ones where there are such, else the
 * hub's. Throws DownloadError when a file is missing or the hub announces another content than is pinned.
 */
export async function expectedFiles(
  hub: Hub,
  { id, pinned }: Source,
  commit: string,
  signal: AbortSignal,
): Promise<RemoteFile[]> {
  const listed = await listFiles(hub, { id, commit }, signal);
  return checkpointFiles.map((path) => {
    const file = listed.find((entry) => entry.path === path);
    if (!file) {
      throw new DownloadError(
        `${id} has no ${path} at revision ${commit}: it is not in the layout of the Qwen3-TTS repositories`,
      );
    }
    const pin = pinned[path];
    return pin ? agree(file, pin, hub.endpoint) : file;
  });
}

function agree({ path, ...announced }: RemoteFile, pin: PinnedFile, endpoint: string): RemoteFile {
  const digest: Digest = `sha256:${pin.sha256}`;
  const differs = announced.digest.startsWith("sha256:") && announced.digest !== digest;
  if (differs || announced.bytes !== pin.bytes) {
    throw new DownloadError(
      `${endpoint} has another ${path} than was published: ${announced.bytes} bytes, ${announced.digest} ` +
        `instead of ${pin.bytes} bytes, ${digest}`,
    );
  }
  return { path, bytes: pin.bytes, digest };
}
