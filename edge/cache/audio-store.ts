import { logFault } from "../log-fault.ts";
import {
  type AudioFacts,
  type AudioFile,
  ageSeconds,
  audioFactsSchema,
  type KeptEvents,
  keptEventsSchema,
  letGo,
  type StoredAudio,
  sha256Of,
  tellsEnough,
} from "./stored-audio.ts";

/**
 * Files up to this size are read whole and proven by their digest before anything is answered: a minute of mp3. Larger
 * ones pass as a stream, only their length being checked, so that an isolate's memory holds however many are read.
 */
const provenBytes = 512 * 1024;

/**
 * The files that were spoken before, by `fileId`. It is there to help: when it fails, that is logged, and the speech is
 * made anew.
 */
export interface AudioStore {
  /** With `events`, only a file of which so much is known. */
  find(fileId: string, events?: KeptEvents["level"] | null): Promise<StoredAudio | undefined>;
  /** `voices` are the digests of kept voices that speak in it. */
  put(fileId: string, file: AudioFile, voices?: readonly string[]): Promise<void>;
  /** Takes away all that a kept voice has spoken. Never rejects. */
  purge(voice: string): Promise<void>;
  /** Takes away a file that was found damaged, for that reason. */
  remove(fileId: string, damage: Error): Promise<void>;
}

export const noAudioStore: AudioStore = {
  find: async () => undefined,
  put: async () => undefined,
  purge: async () => undefined,
  remove: async () => undefined,
};

/** Keeps files in Workers KV for `ttlSeconds` (at least 60, as KV wants it). */
export function createAudioStore(kv: KVNamespace, ttlSeconds: number): AudioStore {
  async function read(fileId: string): Promise<StoredAudio | undefined> {
    const { value, metadata } = await kv.getWithMetadata(keyOf(fileId), "stream");
    if (!value) return undefined;
    const facts = audioFactsSchema.safeParse(metadata);
    // KV keeps each entry as long as the setting said when it was written.
    if (!facts.success || ageSeconds(facts.data) >= ttlSeconds) {
      await value.cancel();
      return undefined;
    }
    if (facts.data.bytes > provenBytes) return { facts: facts.data, body: value };
    return prove(fileId, facts.data, new Uint8Array(await new Response(value).arrayBuffer()));
  }

  async function prove(
    fileId: string,
    facts: AudioFacts,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<StoredAudio | undefined> {
    const isWhole = body.byteLength === facts.bytes && (await sha256Of(body)) === facts.sha256;
    if (isWhole) return { facts, body };
    await remove(fileId, new Error(`${body.byteLength} bytes do not match their facts`));
    return undefined;
  }

  async function remove(fileId: string, damage: Error): Promise<void> {
    logFault("a stored file is damaged", damage);
    try {
      await kv.delete(keyOf(fileId));
      await kv.delete(eventsKeyOf(fileId));
    } catch (cause) {
      logFault("a damaged file could not be removed from the cache", cause);
    }
  }

  async function readEvents(fileId: string): Promise<KeptEvents | undefined> {
    return keptEventsSchema.safeParse(await kv.get(eventsKeyOf(fileId), "json")).data;
  }

  return {
    remove,
    async find(fileId, level = null) {
      try {
        const stored = await read(fileId);
        if (!stored || level === null) return stored;
        const events = await readEvents(fileId);
        const isOf = events?.sha256 === stored.facts.sha256;
        if (events && isOf && tellsEnough(events.level, level)) return { ...stored, events };
        await letGo(stored);
        return undefined;
      } catch (cause) {
        logFault("the cache could not be read", cause);
        return undefined;
      }
    },
    async purge(voice) {
      const prefix = voiceKeyOf(voice, "");
      try {
        for (let cursor: string | null = null, isOver = false; !isOver; ) {
          const list: KVNamespaceListResult<unknown> = await kv.list({ prefix, cursor });
          for (const { name } of list.keys) {
            const fileId = name.slice(prefix.length);
            await Promise.all(
              [keyOf(fileId), eventsKeyOf(fileId), name].map((key) => kv.delete(key)),
            );
          }
          isOver = list.list_complete;
          cursor = list.list_complete ? null : list.cursor;
        }
      } catch (cause) {
        logFault("what a voice has spoken could not be removed from the cache", cause);
      }
    },
    async put(fileId, { facts, parts, events }, voices = []) {
      const options = { expirationTtl: ttlSeconds, metadata: facts };
      // In pieces: put together, the file would be in memory twice.
      const { readable, writable } = new FixedLengthStream(facts.bytes);
      const written = writeAll(parts, writable);
      written.catch(() => undefined);
      try {
        await kv.put(keyOf(fileId), readable, options);
        await written;
        const eventsOptions = { expirationTtl: ttlSeconds };
        if (events) await kv.put(eventsKeyOf(fileId), JSON.stringify(events), eventsOptions);
        for (const voice of voices) await kv.put(voiceKeyOf(voice, fileId), "", eventsOptions);
      } catch (cause) {
        logFault("the cache could not be written", cause);
      }
    },
  };
}

/** That a kept voice speaks in a file, for the day that it is deleted. */
function voiceKeyOf(voice: string, fileId: string): string {
  return `voice:${voice}:${fileId}`;
}

async function writeAll(
  parts: readonly Uint8Array[],
  to: WritableStream<Uint8Array>,
): Promise<void> {
  const writer = to.getWriter();
  for (const part of parts) await writer.write(part);
  await writer.close();
}

/** The number changes with what is stored, so that a new edge never reads an old one's files. */
function keyOf(fileId: string): string {
  return `audio:2:${fileId}`;
}

function eventsKeyOf(fileId: string): string {
  return `${keyOf(fileId)}:events`;
}
