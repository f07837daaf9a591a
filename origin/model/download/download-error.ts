/** What ends a download, in words for the user: what happened and what can be done. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
}

/** What may be better at the next try: a broken connection, a busy server. */
export class TransientFault extends Error {
  override readonly name = "TransientFault";
  /** How long the server asks to be left alone. */
  readonly retryAfterSeconds: number;

  constructor(message: string, options: ErrorOptions & { retryAfterSeconds?: number } = {}) {
    super(message, options);
    this.retryAfterSeconds = options.retryAfterSeconds ?? 0;
  }
}
