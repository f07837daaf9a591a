// Which build of a model speaks at present. A file is stored under the revision that made it, never under one that was
// merely expected; this record only decides where to look. It is an isolate's memory before KV, so that a hit costs one
// read: after a roll-out old sound is heard for at most these seconds more.
import type { SpeechEnd } from "../../shared/frames/frame.ts";
import {
  type RevisionRecord,
  revisionKey,
  revisionRecordSchema,
} from "../../shared/model-revision.ts";
import type { ModelId } from "../../shared/models.ts";
import { logFault } from "../log-fault.ts";

/** The least that KV takes. */
const kvCacheSeconds = 30;
const memorySeconds = 5;

const remembered = new Map<ModelId, { record: RevisionRecord; until: number }>();

export interface Revisions {
  /** The revision that speaks for the model; undefined until it has spoken for the first time. */
  current(model: ModelId): Promise<RevisionRecord | undefined>;
  /**
   * Takes note of the revision that made an answer and returns whether the answer is to be stored. A newer revision
   * replaces the record; what an older one still makes, during a roll-out, is heard but not kept.
   */
  accept(model: ModelId, made: SpeechEnd): Promise<boolean>;
  /** Whether an answer will not be stored for having been made by an older revision. */
  isOutdated(model: ModelId, made: SpeechEnd): Promise<boolean>;
}

export const noRevisions: Revisions = {
  current: async () => undefined,
  accept: async () => false,
  isOutdated: async () => true,
};

export function createRevisions(kv: KVNamespace): Revisions {
  async function read(model: ModelId): Promise<RevisionRecord | undefined> {
    const value = await kv.get(revisionKey(model), { type: "json", cacheTtl: kvCacheSeconds });
    const record = revisionRecordSchema.safeParse(value).data;
    if (record) remember(model, record);
    return record;
  }
  async function current(model: ModelId): Promise<RevisionRecord | undefined> {
    const known = remembered.get(model);
    if (known && known.until > Date.now()) return known.record;
    try {
      return await read(model);
    } catch (cause) {
      logFault("a model's revision could not be read", cause);
      return undefined;
    }
  }
  return {
    current,
    async isOutdated(model, made) {
      return isOlder(made, await current(model));
    },
    async accept(model, { revision, released_at }) {
      if (remembered.get(model)?.record.revision === revision) return true;
      try {
        const record = await read(model);
        if (record?.revision === revision) return true;
        if (isOlder({ revision, released_at }, record)) return false;
        const newer = { revision, released_at };
        // The metadata is for `npm run revision -- show`, which lists.
        await kv.put(revisionKey(model), JSON.stringify(newer), { metadata: newer });
        remember(model, newer);
        return true;
      } catch (cause) {
        logFault("a model's revision could not be recorded", cause);
        return false;
      }
    },
  };
}

/** Also of two that are as old as each other, so that they do not take turns. */
function isOlder(made: RevisionRecord, record: RevisionRecord | undefined): boolean {
  if (!record || record.revision === made.revision) return false;
  return record.released_at >= made.released_at;
}

function remember(model: ModelId, record: RevisionRecord): void {
  remembered.set(model, { record, until: Date.now() + memorySeconds * 1000 });
}
