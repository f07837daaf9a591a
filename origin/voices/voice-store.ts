// The voices that an origin keeps for whoever asks it without an edge: a record and a file for each, and consents. Files of a
// few kilobytes that are written whole and put in place at once need no database, which would have to be built at install.
import { join } from "node:path";
import { findKeptVoice } from "../../shared/voices/kept-voice.ts";
import type { VoiceBook } from "../../shared/voices/voice-book.ts";
import { consentRecordSchema, voiceRecordSchema } from "../../shared/voices/voice-record.ts";
import { openRecords, type RecordLog } from "./records.ts";
import { openVoiceFiles, type VoiceFiles } from "./voice-files.ts";

export interface VoiceStore {
  book: VoiceBook;
  /** Of voices that are kept here, and of those that edges have sent along. */
  files: VoiceFiles;
}

/**
 * Opens what a folder has of voices; it is made when there is the first one. What another process adds, renames or
 * removes there is noticed. Records that cannot be read are told and left alone. What finds no room on the disk is not kept: the
 * book then throws a 507.
 */
export function openVoiceStore(directory: string, log: RecordLog): VoiceStore {
  const own = openVoiceFiles(join(directory, "files"), { mostFiles: Number.POSITIVE_INFINITY });
  const sentFolder = join(directory, "sent");
  // Who sent it has it, and sends it again when it is not in memory any more.
  const sent = openVoiceFiles(sentFolder, {
    onUnwritten: (err) => log.error({ err, file: sentFolder }, "a voice's file cannot be written"),
  });
  const voices = openRecords(join(directory, "voices"), voiceRecordSchema, log);
  const consents = openRecords(join(directory, "consents"), consentRecordSchema, log);
  const isUsed = (digest: string) => voices.all().some((voice) => voice.digest === digest);

  return {
    files: {
      read: (digest) => (isUsed(digest) ? own : sent).read(digest),
      require: (digests) => sent.require(digests.filter((digest) => !isUsed(digest))),
      put: sent.put,
      remove: sent.remove,
    },
    book: {
      listVoices: async () => voices.all(),
      findVoice: async (name) => {
        const found = findKeptVoice(voices.all(), name);
        return found && voices.get(found.id);
      },
      async addVoice(record, file) {
        const unkept = voices.refusal(record.name);
        if (unkept) return unkept;
        await own.put(record.digest, file);
        // Somebody else may have taken the name while the file was written.
        const late = voices.refusal(record.name);
        try {
          if (!late) await voices.put(record);
          return late;
        } finally {
          if (!isUsed(record.digest)) await own.remove(record.digest);
        }
      },
      renameVoice: voices.rename,
      async removeVoice(id) {
        const removed = await voices.remove(id);
        if (removed && !isUsed(removed.digest)) await own.remove(removed.digest);
        return removed;
      },
      listConsents: async () => consents.all(),
      findConsent: async (id) => consents.get(id),
      async addConsent(record) {
        const unkept = consents.refusal(record.name);
        if (!unkept) await consents.put(record);
        return unkept;
      },
      renameConsent: consents.rename,
      removeConsent: consents.remove,
    },
  };
}
