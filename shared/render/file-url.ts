import type { SpeechEnd } from "../frames/frame.ts";

/** Where a file can be fetched, and its timestamps as subtitles, if anywhere. */
export interface FileUrls {
  url?: string;
  vtt_url?: string;
  srt_url?: string;
}

/** Says it at the end of an answer. */
export type FileUrl = (end: SpeechEnd) => Promise<FileUrls>;
