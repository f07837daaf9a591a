import { logFault } from "../log-fault.ts";
import { type AudioFile, ageSeconds, audioFactsSchema, type StoredAudio } from "./stored-audio.ts";

/**
 * The files that were spoken before, by `fileId`. It is there to help: when it fails, that is logged, and the speech is
 * made anew.
 */
export interface AudioStore {
  find(fileId: string): Promise<StoredAudio | undefined>;
  put(fileId: string, file: AudioFile): Promise<void>;
  remove(fileId: string): Promise<void>;
}

export const noAudioStore: AudioStore = {
  find: async () => undefined,
  put: async () => undefined,
  remove: async () => undefined,
};

/** Keeps files in Workers KV for `ttlSeconds` (at least 60, as KV wants it). */
export function createAudioStore(kv: KVNamespace, ttlSeconds: number): AudioStore {
  return {
    async find(fileId) {
      try {
        const { value, metadata } = await kv.getWithMetadata(keyOf(fileId), "stream");
        if (!value) return undefined;
        const facts = audioFactsSchema.safeParse(metadata);
        // KV keeps each entry as long as the setting said when it was written.
        if (facts.success && ageSeconds(facts.data) < ttlSeconds) {
          return { facts: facts.data, body: value };
        }
        await value.cancel();
      } catch (cause) {
        logFault("the cache could not be read", cause);
      }
      return undefined;
    },
    async put(fileId, { facts, bytes }) {
      try {
        await kv.put(keyOf(fileId), bytes, { expirationTtl: ttlSeconds, metadata: facts });
      } catch (cause) {
        logFault("the cache could not be written", cause);
      }
    },
    async remove(fileId) {
      try {
        await kv.delete(keyOf(fileId));
      } catch (cause) {
        logFault("a damaged file could not be removed from the cache", cause);
      }
    },
  };
}

/** The number changes with what is stored, so that a new edge never reads an old one's files. */
function keyOf(fileId: string): string {
  return `audio:2:${fileId}`;
}
