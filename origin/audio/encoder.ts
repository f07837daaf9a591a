/** One audio file in the making: mono PCM in, bytes of the format out, each as early as the format allows. */
export interface Encoder {
  /**
   * Takes any number of mono float32 samples (clipped to [-1, 1]) and returns the bytes that are ready, possibly none.
   * Header bytes wait for the first audio, so the first bytes returned are always playable.
   * Throws a RangeError for a sample that is not a number.
   */
  encode(pcm: Float32Array): Uint8Array | Promise<Uint8Array>;
  /** Ends the file and returns its last bytes. The encoder is released and takes nothing more. */
  finish(): Uint8Array | Promise<Uint8Array>;
  /** Releases the encoder without finishing the file. Harmless after `finish`. */
  close(): void;
}

export interface EncoderOptions {
  /** Of the PCM, in Hz; one that the format can carry. */
  sampleRate: number;
  /** Of the file, in bits per second, where the format has one; its default unless given. */
  bitrate?: number | null;
}
