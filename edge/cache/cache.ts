import type { Env } from "../env.ts";
import { createRevisions, noRevisions, type Revisions } from "../revision/revisions.ts";
import type { Settings } from "../settings.ts";
import { type AudioStore, createAudioStore, noAudioStore } from "./audio-store.ts";

/** What this deployment remembers: nothing, where it has no KV or is told to. */
export interface Cache {
  isOn: boolean;
  store: AudioStore;
  revisions: Revisions;
}

export function openCache(env: Env, { cacheTtlSeconds }: Settings): Cache {
  if (!env.AUDIO || cacheTtlSeconds === 0) {
    return { isOn: false, store: noAudioStore, revisions: noRevisions };
  }
  return {
    isOn: true,
    store: createAudioStore(env.AUDIO, cacheTtlSeconds),
    revisions: createRevisions(env.AUDIO),
  };
}
