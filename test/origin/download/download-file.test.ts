import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  content,
  type FileDownloads,
  path,
  startFileDownloads,
} from "../../support/file-downloads.ts";
import { etagOf } from "../../support/hub.ts";
import {
  answerStatus,
  endAfter,
  resetAfter,
  slowly,
  stallAfter,
  stopAfter,
  withoutRanges,
} from "../../support/hub-faults.ts";

let downloads: FileDownloads;

beforeEach(async () => {
  downloads = await startFileDownloads();
});

afterEach(() => downloads.close());

const expectWhole = async () => expect(await downloads.isWhole()).toBe(true);

const stallSeconds = 1.2;

describe("goes on from where the transfer ended", () => {
  it.each([
    ["a reset", resetAfter(200_000), () => `the connection to ${downloads.storageHost} broke`],
    [
      "a closed connection",
      endAfter(200_000),
      () => `the connection to ${downloads.storageHost} broke`,
    ],
    ["silence", stallAfter(200_000), () => "nothing arrived for 1.2 seconds"],
    ["an end in good order", stopAfter(200_000), () => `${path} ended 100000 bytes early`],
  ])("with %s", async (_name, fault, reason) => {
    let arrived = 0;
    downloads.server.fail(path, fault);
    const onBytes = (bytes: number) => {
      if (downloads.server.requestsFor(path).length === 1) arrived = bytes;
    };
    expect(await downloads.download({ onBytes, stallSeconds })).toEqual([reason()]);
    await expectWhole();
    expect(arrived).toBeGreaterThan(0);
    expect(downloads.ranges()).toEqual([undefined, `bytes=${arrived}-`]);
  });

  it("with the tag of what it has, where the server gave one", async () => {
    downloads.server.fail(path, stopAfter(1000), stopAfter(1000));
    await downloads.download();
    await expectWhole();
    expect(downloads.server.requestsFor(path).map(({ headers }) => headers["if-range"])).toEqual([
      undefined,
      etagOf(content),
      etagOf(content),
    ]);
  });

  it("of an earlier process", async () => {
    await writeFile(`${downloads.target}.part`, content.subarray(0, 250_000));
    expect(await downloads.download()).toEqual([]);
    await expectWhole();
    expect(downloads.ranges()).toEqual(["bytes=250000-"]);
  });

  it("which had everything but the end of its work", async () => {
    await writeFile(`${downloads.target}.part`, content);
    await downloads.download();
    await expectWhole();
    expect(downloads.ranges()).toEqual([]);
  });

  it("as often as it takes, while it comes further", async () => {
    const cuts = Array.from({ length: 10 }, () => stopAfter(20_000));
    downloads.server.fail(path, ...cuts);
    expect(await downloads.download()).toHaveLength(10);
    await expectWhole();
  });
});

it("asks again when it was sent another range", async () => {
  await writeFile(`${downloads.target}.part`, content.subarray(0, 250_000));
  downloads.server.fail(path, ({ request, send }) => {
    request.headers.range = "bytes=260000-";
    send();
  });
  expect(await downloads.download()).toEqual([
    `${downloads.storageHost} sent another range of ${path} than asked for`,
  ]);
  await expectWhole();
});

describe("begins anew", () => {
  it("when the server knows no ranges", async () => {
    downloads.server.fail(path, stopAfter(100_000), withoutRanges);
    await downloads.download();
    await expectWhole();
  });

  it("when the server has nothing at that offset", async () => {
    await writeFile(`${downloads.target}.part`, content.subarray(0, 250_000));
    downloads.server.fail(path, answerStatus(416));
    await downloads.download();
    await expectWhole();
    expect(downloads.ranges()).toEqual(["bytes=250000-", undefined]);
  });

  it("when the file is another one now", async () => {
    const other = Buffer.alloc(content.length);
    downloads.server.fail(path, (exchange) => stopAfter(100_000)({ ...exchange, content: other }));
    expect(await downloads.download()).toEqual([`${path} ended 200000 bytes early`]);
    await expectWhole();
    expect(downloads.server.requestsFor(path)[1]?.headers["if-range"]).toBe(etagOf(other));
  });

  it("when what was there turns out to be something else", async () => {
    await writeFile(`${downloads.target}.part`, Buffer.alloc(250_000));
    expect(await downloads.download()).toEqual([`the pieces of ${path} do not fit together`]);
    await expectWhole();
    expect(downloads.ranges()).toEqual(["bytes=250000-", undefined]);
  });

  it("when there was too much of it", async () => {
    await writeFile(`${downloads.target}.part`, Buffer.alloc(300_001));
    await downloads.download();
    await expectWhole();
    expect(downloads.ranges()).toEqual([undefined]);
  });
});

it("waits for a slow server as long as something arrives", async () => {
  downloads.server.fail(path, slowly(6, 250));
  const seen: number[] = [];
  expect(await downloads.download({ onBytes: (bytes) => seen.push(bytes), stallSeconds })).toEqual(
    [],
  );
  await expectWhole();
  expect(seen[0]).toBe(0);
  expect(seen.length).toBeGreaterThanOrEqual(7);
  expect(seen.at(-1)).toBe(content.length);
});
