/** A step that turns mono float32 PCM into mono float32 PCM and may hold some back: tempo, resampling, trimming. */
export interface Stage {
  /** Takes any number of samples and returns those that are ready, possibly none. */
  push(pcm: Float32Array): Float32Array;
  /** Ends the stream and returns what was held back. The stage is released and takes nothing more. */
  finish(): Float32Array;
  /** Releases the stage without finishing. Harmless after `finish`. */
  close(): void;
}
