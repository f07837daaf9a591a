/** Where the bytes of a file go. After a failure of its own it is only discarded. */
export interface Sink {
  /** For the user. */
  readonly name: string;
  /** Resolves when it can take more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything, which is so many seconds of sound, has arrived where it should. */
  finish(seconds: number): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}
