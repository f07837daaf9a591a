// What an edge and an origin say to each other of voices: the edge keeps them, and an origin makes them and speaks with them.
import { voiceRecordSchema } from "./voice-record.ts";

/** Where an origin makes a voice and hands it back, and below it, by its digest, takes the file of one. */
export const voiceFilesPath = "/v1/audio/voice_files";
/** Where an origin says whether a recording is one of a voice. */
export const hearRecordingPath = "/v1/audio/voice_recordings";

/** What an origin tells of a voice that it made, beside its file: JSON. */
export const madeVoiceHeader = "x-made-voice";
export const madeVoiceSchema = voiceRecordSchema.pick({
  digest: true,
  models: true,
  seconds: true,
  has_reference: true,
});

/** From origin to edge: the digests of files that a request needs and the origin does not have, by commas. */
export const voiceFilesHeader = "x-voice-files";

/** In the bodies of requests from edge to origin: the kept voices that the request may name. */
export const keptVoicesField = "kept_voices";
