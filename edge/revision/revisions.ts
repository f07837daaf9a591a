// Which builds of a model speak at present. A file is stored under the revision that made it, never under one that was
// merely expected; this record only decides where to look. It is an isolate's memory before KV, so that a hit costs one
// read: after a roll-out old sound is heard for at most these seconds more.

import { type Fleet, fleetOf, hear, recordOf } from "../../shared/fleet.ts";
import type { SpeechEnd } from "../../shared/frames/frame.ts";
import {
  type ModelRevision,
  revisionKey,
  revisionRecordSchema,
  standInFor,
} from "../../shared/model-revision.ts";
import type { ModelId } from "../../shared/models.ts";
import { logFault } from "../log-fault.ts";
import { isWithin, type Span, spanOf } from "../span.ts";

/** The least that KV takes. */
const kvCacheSeconds = 30;
const memorySeconds = 5;

const remembered = new Map<ModelId, { fleet: Fleet; span: Span }>();

export interface Revisions {
  /** The builds that speak for the model, the newest first; none until it has spoken for the first time. */
  current(model: ModelId): Promise<Fleet>;
  /**
   * Takes note of the revision that made an answer and returns whether the answer is to be stored. A newer revision
   * takes an older one's place; what an older one still makes, during a roll-out, is heard but not kept.
   */
  accept(model: ModelId, end: SpeechEnd): Promise<boolean>;
  /** Whether an answer will not be stored for having been made by an older revision. */
  isOutdated(model: ModelId, end: SpeechEnd): Promise<boolean>;
}

export const noRevisions: Revisions = {
  current: async () => [],
  accept: async () => false,
  isOutdated: async () => true,
};

export function createRevisions(kv: KVNamespace): Revisions {
  async function read(model: ModelId): Promise<Fleet> {
    const value = await kv.get(revisionKey(model), { type: "json", cacheTtl: kvCacheSeconds });
    const record = revisionRecordSchema.safeParse(value).data;
    const fleet = record ? fleetOf(record) : [];
    if (record) remember(model, fleet);
    return fleet;
  }

  async function current(model: ModelId): Promise<Fleet> {
    const known = remembered.get(model);
    if (known && isWithin(known.span)) return known.fleet;
    try {
      return await read(model);
    } catch (cause) {
      logFault("a model's revision could not be read", cause);
      return [];
    }
  }

  /** KV takes one write a second of one key: when another one was faster, its word or the next answer's will do. */
  async function write(model: ModelId, fleet: Fleet): Promise<void> {
    const record = recordOf(fleet);
    remember(model, fleet);
    try {
      // The metadata is for `npm run revision -- show`, which lists.
      await kv.put(revisionKey(model), JSON.stringify(record), { metadata: record });
    } catch (cause) {
      logFault("a model's revision could not be recorded", cause);
    }
  }

  return {
    current,
    async isOutdated(model, end) {
      return hear(await current(model), revisionOf(model, end), nowSeconds()) === undefined;
    },
    async accept(model, end) {
      const made = revisionOf(model, end);
      const known = remembered.get(model)?.fleet ?? [];
      if (hear(known, made, nowSeconds()) === known) return true;
      try {
        const fleet = await read(model);
        const heard = hear(fleet, made, nowSeconds());
        if (heard && heard !== fleet) await write(model, heard);
        return heard !== undefined;
      } catch (cause) {
        logFault("a model's revision could not be read", cause);
        return hear(known, made, nowSeconds()) !== undefined;
      }
    },
  };
}

function revisionOf(model: ModelId, end: SpeechEnd): ModelRevision {
  const { revision, released_at, variant } = end;
  return { revision, released_at, variant, ...standInFor(model, end) };
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function remember(model: ModelId, fleet: Fleet): void {
  remembered.set(model, { fleet, span: spanOf(memorySeconds * 1000) });
}
