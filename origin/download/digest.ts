import { createHash } from "node:crypto";

/**
 * What a file's content is told by. The hub knows large files by their SHA-256 (as Git LFS does) and all others by the
 * SHA-1 that git gives a blob.
 */
export type Digest = `sha256:${string}` | `git-sha1:${string}`;

export interface Digester {
  update(bytes: Uint8Array): void;
  /** The digest of all bytes so far; nothing can follow. */
  end(): Digest;
}

/** Digests a file the way `expected` is made. `bytes` is the file's whole length, which is part of git's digest. */
export function createDigester(expected: Digest, bytes: number): Digester {
  const isGit = expected.startsWith("git-sha1:");
  const hash = isGit ? createHash("sha1").update(`blob ${bytes}\0`) : createHash("sha256");
  return {
    update(part) {
      hash.update(part);
    },
    end: () => `${isGit ? "git-sha1" : "sha256"}:${hash.digest("hex")}`,
  };
}
