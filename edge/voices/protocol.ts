import type { Unkept } from "../../shared/voices/voice-book.ts";
import type { ConsentRecord, VoiceRecord } from "../../shared/voices/voice-record.ts";

/** What the Worker can ask of the object that has one key's voices and consents. */
export interface VoiceBookObject {
  listVoices(): VoiceRecord[];
  findVoice(name: string): VoiceRecord | undefined;
  addVoice(record: VoiceRecord): Unkept | undefined;
  renameVoice(id: string, name: string): VoiceRecord | Unkept | undefined;
  removeVoice(id: string): { record: VoiceRecord; isFileUsed: boolean } | undefined;
  listConsents(): ConsentRecord[];
  findConsent(id: string): ConsentRecord | undefined;
  addConsent(record: ConsentRecord): Unkept | undefined;
  renameConsent(id: string, name: string): ConsentRecord | Unkept | undefined;
  removeConsent(id: string): ConsentRecord | undefined;
}
