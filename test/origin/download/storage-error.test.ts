import { mkdirSync } from "node:fs";
import { expect, it } from "vitest";
import { DownloadError } from "../../../origin/download/download-error.ts";
import { storageError } from "../../../origin/download/storage-error.ts";

it.runIf(process.platform === "linux")("says which folder cannot be written", () => {
  let failure: unknown;
  try {
    mkdirSync("/sys/models", { recursive: true });
  } catch (cause) {
    failure = storageError(cause, "/sys");
  }
  expect(failure).toBeInstanceOf(DownloadError);
  expect((failure as Error).message).toMatch(
    /^\/sys\/models cannot be written \(E[A-Z]+\): make the folder writable, or set MODELS_DIR to another one$/,
  );
});

it("leaves alone what the file system did not throw", () => {
  const failure = new TypeError("something else");
  expect(storageError(failure, "/anywhere")).toBe(failure);
});
