/** Where KV has the file of one key's voice: nobody else's voice goes with it, though it be the same. */
function keyOf(owner: string, digest: string): string {
  return `file:${owner}:${digest}`;
}

/** The files of one key's voices, for origins to speak with. */
export interface KeptVoiceFiles {
  /** Undefined where there is none, or none any more. */
  read(digest: string): Promise<ArrayBuffer | undefined>;
  put(digest: string, file: Uint8Array): Promise<void>;
  remove(digest: string): Promise<void>;
}

export function voiceFilesOf(kv: KVNamespace | undefined, owner: string): KeptVoiceFiles {
  return {
    async read(digest) {
      return (await kv?.get(keyOf(owner, digest), "arrayBuffer")) ?? undefined;
    },
    async put(digest, file) {
      await kv?.put(keyOf(owner, digest), file);
    },
    async remove(digest) {
      await kv?.delete(keyOf(owner, digest));
    },
  };
}
