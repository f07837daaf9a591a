import { ApiError } from "../../shared/api-error.ts";
import { foldVoiceName, type KeptVoice } from "../../shared/voices/kept-voice.ts";
import type { VoiceBook } from "../../shared/voices/voice-book.ts";
import type { AudioStore } from "../cache/audio-store.ts";
import type { Env } from "../env.ts";
import { isWithin, type Span, spanOf } from "../span.ts";
import { voiceFilesOf } from "./voice-files.ts";

/** How long this isolate speaks with a voice that has meanwhile been deleted or renamed elsewhere: no longer than KV. */
const rememberMs = 30_000;
const maxRemembered = 10_000;

/** Voices by their owners and names, as they were found last. */
const remembered = new Map<string, { voice: KeptVoice; span: Span }>();

/** What one key keeps. Throws a 503 where this deployment keeps nothing. */
export function openBook(env: Env, owner: string, store: Pick<AudioStore, "purge">): VoiceBook {
  const { VOICE_BOOKS: books, VOICES: kv } = env;
  if (!books || !kv) throw notKept();
  const book = books.getByName(owner);
  const files = voiceFilesOf(kv, owner);
  return {
    listVoices: () => book.listVoices(),
    findVoice: (name) => book.findVoice(name),
    async addVoice(record, file) {
      await files.put(record.digest, file);
      return book.addVoice(record);
    },
    async renameVoice(id, name) {
      forget(owner, id);
      return book.renameVoice(id, name);
    },
    async removeVoice(id) {
      forget(owner, id);
      const removed = await book.removeVoice(id);
      if (removed && !removed.isFileUsed) {
        const { digest } = removed.record;
        await Promise.all([files.remove(digest), store.purge(digest)]);
      }
      return removed?.record;
    },
    listConsents: () => book.listConsents(),
    findConsent: (id) => book.findConsent(id),
    addConsent: (record) => book.addConsent(record),
    renameConsent: (id, name) => book.renameConsent(id, name),
    removeConsent: (id) => book.removeConsent(id),
  };
}

/** The voices that one key keeps under those names, by what was found of each in the last half minute. */
export async function findVoices(
  env: Env,
  owner: string,
  names: readonly string[],
): Promise<KeptVoice[]> {
  const book = env.VOICE_BOOKS?.getByName(owner);
  if (!book) return [];
  const found = await Promise.all(
    names.map(async (name) => {
      const key = keyOf(owner, name);
      const known = remembered.get(key);
      if (known && isWithin(known.span)) return known.voice;
      const voice = await book.findVoice(name);
      if (voice) remember(key, voice);
      return voice;
    }),
  );
  return found.filter((voice) => voice !== undefined);
}

function remember(key: string, voice: KeptVoice): void {
  remembered.delete(key);
  remembered.set(key, { voice, span: spanOf(rememberMs) });
  const [oldest] = remembered.keys();
  if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest);
}

function forget(owner: string, id: string): void {
  for (const [key, { voice }] of remembered) {
    if (voice.id === id && key.startsWith(`${owner} `)) remembered.delete(key);
  }
}

function keyOf(owner: string, name: string): string {
  return `${owner} ${foldVoiceName(name)}`;
}

function notKept(): ApiError {
  return new ApiError({
    status: 503,
    type: "service_unavailable_error",
    code: "voices_not_kept",
    message: "This server keeps no voices: it lacks the bindings VOICE_BOOKS or VOICES.",
    headers: { "x-should-retry": "false" },
  });
}
