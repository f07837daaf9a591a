// What the origin and an engine's child process say to each other, over the channel of `fork` with
// `serialization: "advanced"`: structured clones, so a Float32Array travels as it is.
import type { ApiError } from "../../shared/api-error.ts";
import type { ModelId } from "../../shared/models.ts";
import type { SegmentLimits } from "../text/segments.ts";
import type { SpeakingPace } from "../text/speaking-pace.ts";
import type { EncodedVoice, VoiceRecording } from "../voices/voice-prompt.ts";
import type {
  Listener,
  LogBindings,
  ModelRevision,
  SpokenWord,
  Utterance,
  UtteranceEnd,
  UtteranceKeyValues,
} from "./engine.ts";

/**
 * How many samples of an utterance the child may send before its reader took one: two seconds at 24 kHz. A chunk is
 * sent while anything is left of this credit, so the child is ahead by at most this much and one chunk.
 */
export const maxSamplesAhead = 2 * 24_000;

/** What an engine says of itself when it is ready. */
export interface Announcement {
  /** In Hz. */
  sampleRate: number;
  ignoredFields: readonly string[];
  segmentLimits: SegmentLimits | null;
  pace: SpeakingPace;
  /** See `Engine.tellsWords`; absent, it does not. */
  tellsWords?: boolean;
  keyValues: UtteranceKeyValues | null;
  /** Seconds of sound in a second for a single listener, where it was measured before the start. */
  speed?: number;
  /** Whether it has encoders for voices; absent, it has none. */
  encodesVoices?: boolean;
  models: Partial<Record<ModelId, ModelRevision>>;
}

/** What an engine has done, beyond what is heard of it. */
export interface EngineWork {
  /** Calls of the language model, in which streams share the reading of its weights. */
  steps: number;
  /** Streams in them, a stream counted in each. */
  rows: number;
  /** Frames made for them, whether or not anybody came to hear them. */
  frames: number;
  /** Positions of their prompts, and those of them that were not read, since an earlier prompt began with the same. */
  promptPositions: number;
  reusedPositions: number;
  /** Utterances in a cloned voice whose reference was ready from an earlier one, and such for which it had to be prepared. */
  keptReferences: number;
  preparedReferences: number;
}

export const noWork: Readonly<EngineWork> = {
  steps: 0,
  rows: 0,
  frames: 0,
  promptPositions: 0,
  reusedPositions: 0,
  keptReferences: 0,
  preparedReferences: 0,
};

export type ApiErrorFields = ConstructorParameters<typeof ApiError>[0];

export type ToChild =
  | {
      type: "speak";
      id: number;
      utterance: Utterance;
      wantsWords: boolean;
      /** Absent, nobody hears it while it is made. */
      listener?: Listener;
      bindings?: LogBindings;
    }
  /** The reader took this many samples; as many more may be sent. */
  | { type: "credit"; id: number; samples: number }
  /** Nobody reads the utterance any more. It is not answered. */
  | { type: "cancel"; id: number }
  /** Encodings are numbered on their own. */
  | { type: "encode"; id: number; recording: VoiceRecording }
  /** Nobody waits for it any more. It is not answered. */
  | { type: "cancelEncoding"; id: number }
  | { type: "ping" };

export type ToParent =
  /** Sent once at the start, and again whenever what is announced has changed. */
  | { type: "ready"; announcement: Announcement; memoryBytes: number }
  /** The engine cannot start; the child exits after it. */
  | { type: "unable"; reason: string }
  /** Ahead of the chunk that the first of them is heard in. */
  | { type: "words"; id: number; words: SpokenWord[] }
  | { type: "chunk"; id: number; samples: Float32Array }
  | { type: "end"; id: number; end: UtteranceEnd }
  | { type: "error"; id: number; error: ApiErrorFields }
  | { type: "encoded"; id: number; voice: EncodedVoice }
  | { type: "notEncoded"; id: number; error: ApiErrorFields }
  /** What the process takes at a moment when it has spoken and nothing is under way. */
  | { type: "memory"; memoryBytes: number }
  /** Since it was last told. */
  | { type: "worked"; work: Partial<EngineWork> }
  | { type: "pong" };
