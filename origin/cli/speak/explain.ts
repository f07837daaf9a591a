import { ApiError } from "../../../shared/api-error.ts";

/** A book that was not spoken to its end. What has been of it is kept. */
export class UnfinishedBook extends Error {
  override readonly name = "UnfinishedBook";
  /** Of its text, from 0 to 1. */
  readonly fraction: number;

  constructor(fraction: number, cause: unknown) {
    super("the book is not finished", { cause });
    this.fraction = fraction;
  }
}

/** The API keeps the causes of its errors from clients; whoever runs the engine may know. */
export function explain(failure: unknown): string {
  if (failure instanceof UnfinishedBook) {
    const percent = Math.floor(failure.fraction * 100);
    return `${explain(failure.cause)}\nWhat is spoken, ${percent} %, is kept: the same command goes on from there.`;
  }
  if (!(failure instanceof Error)) return String(failure);
  const { message, cause } = failure;
  return failure instanceof ApiError && cause instanceof Error
    ? `${message} (${cause.message})`
    : message;
}

/** What somebody who has stopped it is told. */
export function explainInterruption(cause: unknown): string {
  if (!(cause instanceof UnfinishedBook)) return "Interrupted.";
  return `Interrupted after ${Math.floor(cause.fraction * 100)} %: the same command goes on from there.`;
}
