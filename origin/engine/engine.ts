import type { LanguageChoice } from "../../shared/languages.ts";
import type { ModelId } from "../../shared/models.ts";
import type { Sampling } from "../../shared/speech-request.ts";
import type { Speaker } from "../../shared/voices/presets.ts";
import type { KeyValueSizes } from "../model/generate/key-value-bytes.ts";
import type { FinishReason } from "../model/generate/stream-state.ts";
import type { SegmentLimits } from "../text/segments.ts";
import type { SpeakingPace } from "../text/speaking-pace.ts";
import type { EncodedVoice, VoicePrompt, VoiceRecording } from "../voices/voice-prompt.ts";

/** What one engine call speaks: one segment of text by one voice. */
export interface Utterance {
  model: ModelId;
  text: string;
  /** Null for a model that takes no preset speaker, and where a mixture or a cloned voice speaks in its place. */
  speaker: Speaker | null;
  /** Preset speakers to be spoken with as one, by the weighted mean of their vectors. Weights are above 0. */
  mix: readonly MixedSpeaker[] | null;
  /**
   * A cloned voice, which models that clone cannot speak without; null for preset speakers, mixtures and designs. A model of
   * preset speakers takes its vector alone.
   */
  voice: VoicePrompt | null;
  language: LanguageChoice;
  /** The manner of speaking, or for VoiceDesign the voice itself. */
  instructions: string | null;
  sampling: Sampling;
  /** An integer from 0 to 2^53 - 1. The same utterance with the same seed sounds the same. */
  seed: number;
  /** Whether the caller has another seed, should this one's take turn out `degenerate`. */
  retryable: boolean;
}

/** A preset of the model, or a vector of a voice that is as wide as the model's own. */
export type MixedSpeaker = { weight: number } & ({ speaker: Speaker } | { vector: Float32Array });

/** A word of an utterance, and when it is heard. */
export interface SpokenWord {
  /** As it was given to be spoken. */
  word: string;
  /** Where it stands in the utterance's text, in UTF-16 units. */
  textStart: number;
  textEnd: number;
  /** In samples from the beginning of the utterance. */
  start: number;
  end: number;
}

/** Is told words, in order, each before the sound it begins with. */
export type HearWords = (words: SpokenWord[]) => void;

/** Somebody who hears utterances while they are made, one after the other, in the order in which they were begun. */
export interface Listener {
  /** Unlike that of any other. */
  id: string;
  /** How much of the sound is played in a second, in seconds: what is spoken faster is sooner at its end. */
  speed: number;
}

/**
 * Whom something is done for, as the log lines of a request or of a job have it: `requestId`, `trace_id`, `span_id`, `job`. Plain
 * values, that go to the engine's process for its own lines.
 */
export type LogBindings = Readonly<Record<string, unknown>>;

/** How an utterance ended. */
export interface UtteranceEnd {
  /**
   * `degenerate` when the take is of no use and nothing of it has been yielded: another seed may do better. Only retryable
   * utterances end so.
   */
  finish: FinishReason | "degenerate";
  /** Tokens of text read; an engine without a tokenizer counts code points. */
  inputTokens: number;
  /** Tokens of the instructions, which every utterance of a text is given. */
  instructionTokens: number;
}

/** What makes audio belong to one exact build of one model: same revision, same sound. */
export interface ModelRevision {
  /** Hex digest, 16 characters. */
  revision: string;
  /** When this revision came to be, in Unix seconds; the newer of two replaces the older in caches. */
  releasedAt: number;
  /** What may speak beside it in a fleet without being older or newer; an engine that has but one way to speak says none. */
  variant?: string;
}

/** What an engine keeps in memory of utterances, with what tells how many positions each may have. */
export interface UtteranceKeyValues extends KeyValueSizes {
  /** Each frame takes a position, and so does each token of the prompt. */
  framesPerSecond: number;
  /** No utterance has more. */
  maxPositions: number;
  /** No utterance is slower. */
  slowestPace: SpeakingPace;
}

/** `starting` until the first utterance could be spoken, `failed` when it could not be, and will not before a while. */
export type EngineState = "starting" | "ready" | "failed";

export interface Engine {
  /** Also the value of the `X-Engine` header. */
  readonly name: "builtin" | "qwen3";
  /** Of the PCM it yields, in Hz. */
  readonly sampleRate: number;
  /** The request fields that have no effect on this engine, by their names on the wire. */
  readonly ignoredFields: readonly string[];
  /** How much text it takes in one utterance; null when that does not matter. */
  readonly segmentLimits: SegmentLimits | null;
  /** How fast it usually speaks. */
  readonly pace: SpeakingPace;
  /** Whether it knows when each word is heard. */
  readonly tellsWords: boolean;
  /** Null for an engine that keeps nothing worth counting. */
  readonly keyValues: UtteranceKeyValues | null;
  state(): EngineState;
  revision(model: ModelId): ModelRevision;
  /**
   * Speaks one utterance: yields mono float32 PCM in [-1, 1], in chunks of any length, and returns how it ended.
   * The engine works ahead of its reader only by a bounded amount. Leaving the generator early, or aborting the
   * signal, stops the work at the next chunk border. An engine that tells words tells them to `onWords`. What a listener
   * hears first may be made first; without one nobody waits for any of it sooner than for all. Lines that are logged about it
   * have `bindings`.
   *
   * Throws an ApiError when the engine cannot speak (503) or fails while speaking (500).
   */
  synthesize(
    utterance: Utterance,
    signal: AbortSignal,
    onWords?: HearWords,
    listener?: Listener,
    bindings?: LogBindings,
  ): AsyncGenerator<Float32Array, UtteranceEnd>;
  /**
   * Hears the voice in a recording. Absent where the engine clones no voices. Throws an ApiError when the model has no
   * encoders or the recording is too short or too long for them (400), when the engine cannot work (503) and when it fails
   * meanwhile (500), and the signal's reason when it is aborted.
   */
  encodeVoice?(
    model: ModelId,
    recording: VoiceRecording,
    signal: AbortSignal,
  ): Promise<EncodedVoice>;
  /** Stops the engine; utterances still under way fail. */
  close(): Promise<void>;
}
