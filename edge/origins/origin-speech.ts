import type { SpeechSource } from "../../shared/frames/read-frames.ts";

/** An origin's answer, begun: its first frames are there or sure to come. */
export interface OriginSpeech {
  /** Headers for the client that only the origin could fill in. */
  headers: Record<string, string>;
  source: SpeechSource;
}
