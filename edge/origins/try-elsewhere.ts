import type { ApiError } from "../../shared/api-error.ts";

/** A failure of one origin that need not be the next one's. */
export class TryElsewhere extends Error {
  override readonly name = "TryElsewhere";
  /** What the client is told when no other origin does better. */
  readonly told: ApiError;
  /** Whether other requests had better go elsewhere, too. */
  readonly isTrouble: boolean;

  constructor(told: ApiError, { isTrouble = true } = {}) {
    super(told.message, { cause: told.cause });
    this.told = told;
    this.isTrouble = isTrouble;
  }
}
