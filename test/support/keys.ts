import {
  createApiKey,
  digestOfKey,
  idOfDigest,
  type KeyRecord,
  storageKey,
} from "../../shared/api-key.ts";
import type { Edge } from "./edge.ts";

export interface TestKey {
  key: string;
  record: KeyRecord;
  /** What its holder sends. */
  headers: { authorization: string };
}

/** A key that no edge knows yet. */
export async function makeKey(fields: Partial<KeyRecord> = {}): Promise<TestKey> {
  const key = await createApiKey();
  const sha256 = await digestOfKey(key);
  const record = { id: idOfDigest(sha256), sha256, created_at: 1_790_000_000, ...fields };
  return { key, record, headers: { authorization: `Bearer ${key}` } };
}

/** A key whose record is in the edge's KV namespace. */
export async function storeKey(
  edge: Pick<Edge, "keys">,
  fields: Partial<KeyRecord> = {},
): Promise<TestKey> {
  const made = await makeKey(fields);
  await putRecord(edge, made.record);
  return made;
}

/** Writes a record, in place of the one before. */
export async function putRecord(edge: Pick<Edge, "keys">, record: KeyRecord): Promise<void> {
  const namespace = await edge.keys();
  await namespace.put(storageKey(record.id), JSON.stringify(record));
}
