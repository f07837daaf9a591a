/** What a playback tells of itself. */
export interface PlaybackEvents {
  /** The first sound is heard. */
  started?(): void;
  /** It plays now, or no longer does. */
  changed?(): void;
  /** It cannot be played. */
  failed?(reason: string): void;
}

/** Sound that plays while it arrives. Seconds count from its beginning. */
export interface Playback {
  readonly position: number;
  readonly isPlaying: boolean;
  append(bytes: Uint8Array<ArrayBuffer>): void;
  /** All of it has been appended. */
  finish(): void;
  play(): void;
  pause(): void;
  /** Goes to a place that has arrived. */
  seek(seconds: number): void;
  /** Falls silent for good. */
  close(): void;
}
