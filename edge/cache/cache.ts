import type { Fleet } from "../../shared/fleet.ts";
import { fileId } from "../../shared/identity.ts";
import { type ModelRevision, spokenModel } from "../../shared/model-revision.ts";
import { type SpeechRequest, speakWith } from "../../shared/speech-request.ts";
import type { Env } from "../env.ts";
import { createRevisions, noRevisions, type Revisions } from "../revision/revisions.ts";
import type { Settings } from "../settings.ts";
import { type AudioStore, createAudioStore, noAudioStore } from "./audio-store.ts";
import type { StoredAudio } from "./stored-audio.ts";

/** What this deployment remembers: nothing, where it has no KV or is told to. */
export interface Cache {
  isOn: boolean;
  store: AudioStore;
  revisions: Revisions;
}

/** A file that was found, and its id. */
export interface FoundFile {
  id: string;
  stored: StoredAudio;
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

/** The id of a request's file as a build speaks it: one that stands in makes the files of its own model. */
export function fileIdBy(request: SpeechRequest, build: ModelRevision): Promise<string> {
  return fileId(speakWith(request, spokenModel(request.model, build)), build.revision);
}

/** Looks for a request's file under each revision that speaks for its model, in that order. */
export async function findFile(
  request: SpeechRequest,
  fleet: Fleet,
  { store }: Cache,
): Promise<FoundFile | undefined> {
  for (const build of fleet) {
    const id = await fileIdBy(request, build);
    const stored = await store.find(id, request.timestamps);
    if (stored) return { id, stored };
  }
  return undefined;
}
