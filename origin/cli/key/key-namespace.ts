import { type KeyRecord, keyRecordSchema, storageKey } from "../../../shared/api-key.ts";
import { type NamespaceTarget, openNamespace } from "../kv-namespace.ts";

export interface StoredKey {
  /** As the namespace calls it. */
  name: string;
  /** Undefined when it cannot be read. */
  record: KeyRecord | undefined;
}

export interface KeyNamespace {
  put(record: KeyRecord): Promise<void>;
  /** The keys whose ids begin with `prefix`. */
  list(prefix?: string): Promise<StoredKey[]>;
}

/** The KV namespace KEYS. Throws an Error with what wrangler says. */
export function openKeyNamespace(target: NamespaceTarget): KeyNamespace {
  const keys = openNamespace("KEYS", target);
  return {
    put: (record) => keys.put(storageKey(record.id), record),
    async list(prefix = "") {
      const found = await keys.list(storageKey(prefix));
      return found.map(({ name, metadata }) => ({
        name,
        record: keyRecordSchema.safeParse(metadata).data,
      }));
    },
  };
}
