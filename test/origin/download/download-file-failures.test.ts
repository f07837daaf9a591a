import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FileDownloads,
  path,
  smallPath,
  startFileDownloads,
} from "../../support/file-downloads.ts";
import type { Exchange } from "../../support/hub.ts";
import {
  answerStatus,
  otherContent,
  stallAfter,
  stopAfter,
  tooMuch,
} from "../../support/hub-faults.ts";

let downloads: FileDownloads;

beforeEach(async () => {
  downloads = await startFileDownloads();
});

afterEach(() => downloads.close());

const expectWhole = async () => expect(await downloads.isWhole()).toBe(true);

describe("tries again", () => {
  it.each([408, 429, 500, 503])("after status %d", async (status) => {
    downloads.server.fail(path, answerStatus(status));
    expect(await downloads.download()).toEqual([`${downloads.storageHost} answered ${status}`]);
    await expectWhole();
  });

  it("after the pause the server asks for", async () => {
    downloads.server.fail(path, answerStatus(429, { "retry-after": "1" }));
    const start = performance.now();
    await downloads.download();
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  it("when the storage finds the redirect's signature too old", async () => {
    downloads.server.fail(path, answerStatus(403));
    await downloads.download();
    await expectWhole();
    expect(downloads.server.requests.filter(({ url }) => url.includes("/resolve/"))).toHaveLength(
      2,
    );
  });
});

describe("gives up", () => {
  it("after several failures without progress, keeping what there is", async () => {
    downloads.server.fail(path, stopAfter(1000), ...Array(3).fill(answerStatus(502)));
    await expect(downloads.download()).rejects.toThrow(
      `${downloads.storageHost} answered 502. Gave up after 3 tries in a row`,
    );
    expect((await readFile(`${downloads.target}.part`)).length).toBe(1000);
  });

  it("when the server begins anew each time and never comes further", async () => {
    const stopEarly = ({ request, ...exchange }: Exchange) => {
      delete request.headers.range;
      stopAfter(100_000)({ request, ...exchange });
    };
    downloads.server.fail(path, ...Array(10).fill(stopEarly));
    await expect(downloads.download()).rejects.toThrow("Gave up after 3 tries");
    expect(downloads.ranges()).toEqual([undefined, "bytes=100000-", "bytes=100000-"]);
  });

  it("when the server wants to be left alone for long", async () => {
    downloads.server.fail(path, answerStatus(429, { "retry-after": "3600" }));
    await expect(downloads.download()).rejects.toThrow(
      `${downloads.storageHost} answered 429 and asks to be left alone for 60 minutes`,
    );
  });

  it("on other content, naming both digests and leaving nothing", async () => {
    downloads.server.fail(path, otherContent);
    await expect(downloads.download()).rejects.toThrow(
      /^model\.safetensors did not arrive as it should be and is deleted: expected sha256:[0-9a-f]{64}, got sha256:[0-9a-f]{64}$/,
    );
    expect(existsSync(downloads.target) || existsSync(`${downloads.target}.part`)).toBe(false);
  });

  it("on other content of a small file, by git's digest", async () => {
    downloads.server.fail(smallPath, otherContent);
    await expect(downloads.download({ path: smallPath })).rejects.toThrow(
      /expected git-sha1:0967ef424bce6791893e9a57bb952f80fd536e93, got git-sha1:[0-9a-f]{40}$/,
    );
  });

  it("on a file that does not end where it should", async () => {
    downloads.server.fail(path, tooMuch);
    await expect(downloads.download()).rejects.toThrow(
      `${path} is longer than the 300000 bytes it should have`,
    );
    expect(existsSync(downloads.target)).toBe(false);
  });

  it("when it is told to stop, keeping what there is", async () => {
    downloads.server.fail(path, stallAfter(100_000));
    const stop = new AbortController();
    const onBytes = (bytes: number) => bytes === 100_000 && stop.abort();
    await expect(downloads.download({ signal: stop.signal, onBytes })).rejects.toThrow("aborted");
    expect((await readFile(`${downloads.target}.part`)).length).toBe(100_000);
  });
});
