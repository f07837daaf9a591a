import type { VoiceOrder } from "./voice-order.ts";
import type { ConsentRecord, VoiceRecord } from "./voice-record.ts";

/** Of one owner. */
export const maxKeptVoices = 1000;

/** Why a voice or a consent is not kept under a name, or not at all. */
export type Unkept = "name_taken" | "full";

/** What one owner keeps, newest first. Nobody else's is found. */
export interface VoiceBook {
  listVoices(): Promise<VoiceRecord[]>;
  /** By its id or its name. */
  findVoice(name: string): Promise<VoiceRecord | undefined>;
  addVoice(record: VoiceRecord, file: Uint8Array): Promise<Unkept | undefined>;
  renameVoice(id: string, name: string): Promise<VoiceRecord | Unkept | undefined>;
  /** With its file, and all that was spoken with it. */
  removeVoice(id: string): Promise<VoiceRecord | undefined>;
  listConsents(): Promise<ConsentRecord[]>;
  findConsent(id: string): Promise<ConsentRecord | undefined>;
  addConsent(record: ConsentRecord): Promise<Unkept | undefined>;
  renameConsent(id: string, name: string): Promise<ConsentRecord | Unkept | undefined>;
  /** Voices that were made with it stay. */
  removeConsent(id: string): Promise<ConsentRecord | undefined>;
}

/** A voice as it was made. */
export interface MadeVoice
  extends Pick<VoiceRecord, "digest" | "models" | "seconds" | "has_reference"> {
  file: Uint8Array;
}

/** Makes voices of recordings and descriptions, with the models of this deployment. */
export interface VoiceMaker {
  /** Throws an ApiError: 400 for what no voice can be made of, 503 where no model is there that could. */
  make(order: VoiceOrder, signal: AbortSignal): Promise<MadeVoice>;
  /** Throws an ApiError (400) for what is no recording of a voice. */
  hear(recording: Uint8Array, signal: AbortSignal): Promise<{ seconds: number }>;
}
