/** What ends a download, in words for the user: what happened and what can be done. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
}

interface FaultOptions extends ErrorOptions {
  advice?: string;
  retryAfterSeconds?: number;
}

/** What may be better at the next try: a broken connection, a busy server. */
export class TransientFault extends Error {
  override readonly name = "TransientFault";
  /** What can be done if it stays. */
  readonly advice: string | undefined;
  /** How long the server asks to be left alone. */
  readonly retryAfterSeconds: number;

  constructor(message: string, { advice, retryAfterSeconds = 0, ...options }: FaultOptions = {}) {
    super(message, options);
    this.advice = advice;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
