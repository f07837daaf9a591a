/** Internal, from edge to origin: where an origin takes the files of voices that it is to speak with. */
export const voiceFilesPath = "/v1/audio/voice_files";

/** Internal, from origin to edge: the digests of files that a request needs and the origin does not have, by commas. */
export const voiceFilesHeader = "x-voice-files";

/** Internal, in the bodies of requests from edge to origin: the kept voices that the request may name. */
export const keptVoicesField = "kept_voices";
