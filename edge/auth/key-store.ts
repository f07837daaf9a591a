import { idOfDigest, type KeyRecord, keyRecordSchema, storageKey } from "../../shared/api-key.ts";
import { misconfigured } from "../errors.ts";
import { isWithin, type Span, spanOf } from "../span.ts";

/** The keys of this server: those of the secret API_KEYS, then those of the KV namespace KEYS. */
export interface KeyStore {
  /** Finds a key by its SHA-256 in lower-case hexadecimal. Throws a 500 when its record is damaged. */
  withDigest(sha256: string): Promise<KeyRecord | undefined>;
  withId(id: string): Promise<KeyRecord | undefined>;
}

/** How long a location may go by what it has read: the least KV allows, since revocations wait for it. */
const cacheSeconds = 30;

/** A key that is used over and over is read once in so many seconds: a read is the dearest part of a hit. */
const memoryMs = 5000;
const maxRemembered = 10_000;

/** Of this isolate; none that KV has not. */
const remembered = new Map<string, { record: KeyRecord; span: Span }>();

/** `beforeRead` may throw to keep the record of that id from being read. */
export function createKeyStore(
  listed: readonly KeyRecord[],
  namespace: KVNamespace | undefined,
  beforeRead: (id: string) => void,
): KeyStore {
  const stored = async (id: string): Promise<KeyRecord | undefined> => {
    if (!namespace) return undefined;
    const known = remembered.get(id);
    if (known && isWithin(known.span)) return known.record;
    beforeRead(id);
    const text = await namespace.get(storageKey(id), { cacheTtl: cacheSeconds });
    const record = text == null ? undefined : readRecord(id, text);
    remember(id, record);
    return record;
  };
  return {
    async withDigest(sha256) {
      const record =
        listed.find((key) => key.sha256 === sha256) ?? (await stored(idOfDigest(sha256)));
      return record?.sha256 === sha256 ? record : undefined;
    },
    async withId(id) {
      return listed.find((key) => key.id === id) ?? stored(id);
    },
  };
}

function remember(id: string, record: KeyRecord | undefined): void {
  remembered.delete(id);
  if (!record) return;
  remembered.set(id, { record, span: spanOf(memoryMs) });
  const [oldest] = remembered.keys();
  if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest);
}

/** Nobody gets in by a record that cannot be read: what it would limit is not known. */
function readRecord(id: string, text: string): KeyRecord {
  try {
    // Tokens find the key by its id, so that is the one its record is found by.
    return { ...keyRecordSchema.parse(JSON.parse(text)), id };
  } catch (cause) {
    throw misconfigured(`the record of the key ${id} is damaged`, cause);
  }
}
