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

it("says that the file system takes no file as large as that", () => {
  const cause = Object.assign(new Error("EFBIG: file too large, write"), {
    code: "EFBIG",
    syscall: "write",
  });
  expect(storageError(cause, "/usb/models")).toMatchObject({
    message:
      "The file system of /usb/models takes no file as large as that: FAT32 ends at 4 GB. Move the folder, or set MODELS_DIR to another one",
  });
});

it("leaves alone what the file system did not throw", () => {
  const failure = new TypeError("something else");
  expect(storageError(failure, "/anywhere")).toBe(failure);
});
