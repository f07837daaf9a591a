/** A voice that was cloned, as the models that clone take it. */
export interface VoicePrompt {
  /** Names content: hex SHA-256 of the kept voice's file. Two prompts with the same digest are the same. */
  digest: string;
  /** What the speaker encoder hears in a recording, as wide as the talker. */
  xVector: Float32Array;
  /** The recording itself, to go on from in its manner; null for the x-vector only. */
  reference: VoiceReference | null;
}

export interface VoiceReference {
  /** [frames][codebooks], of the codec encoder. */
  codes: Uint16Array;
  /** 12.5 in a second. */
  frames: number;
  /** What is said in it. */
  text: string;
}

/** A recording to be encoded. */
export interface VoiceRecording {
  /** Mono, 24 kHz, of which 1 is full scale. */
  samples: Float32Array;
  /** Whether its codes are wanted beside the x-vector. */
  withCodes: boolean;
}

/** What the encoders of a model hear in a recording. */
export interface EncodedVoice {
  xVector: Float32Array;
  /** [frames][codebooks]; null when they were not asked for. */
  codes: Uint16Array | null;
  /** Of the codes; 0 without. */
  frames: number;
  /** Names the graphs that made it: hex SHA-256. */
  encoder: string;
}
