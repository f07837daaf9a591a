import type { SpeechEnd } from "../frames/frame.ts";

/** Says, at the end of an answer, where its file can be fetched, if anywhere. */
export type FileUrl = (end: SpeechEnd) => Promise<{ url?: string }>;
