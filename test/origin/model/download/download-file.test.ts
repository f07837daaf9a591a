import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { downloadFile } from "../../../../origin/model/download/download-file.ts";
import { createHub } from "../../../../origin/model/download/hub.ts";
import { findCommit, listFiles } from "../../../../origin/model/download/list-files.ts";
import { type Exchange, etagOf, startHub, type TestHub } from "../../../support/hub.ts";
import {
  answerStatus,
  endAfter,
  otherContent,
  resetAfter,
  slowly,
  stallAfter,
  stopAfter,
  tooMuch,
  withoutRanges,
} from "../../../support/hub-faults.ts";
import { createRandom } from "../../../support/random.ts";

const id = "team/model";
const path = "model.safetensors";
const smallPath = "config.json";
const random = createRandom(1);
const content = Buffer.from(Uint8Array.from({ length: 300_000 }, () => random() * 256));

let server: TestHub;
let folder: string;
let target: string;

beforeEach(async () => {
  server = await startHub(id, { [path]: content, [smallPath]: Buffer.from("{}\n") });
  folder = await mkdtemp(join(tmpdir(), "download-"));
  target = join(folder, path);
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface Run {
  signal?: AbortSignal;
  path?: string;
  token?: string;
  onBytes?: (bytes: number) => void;
}

/** Downloads and returns the retries it took. */
async function download(run: Run = {}): Promise<string[]> {
  const hub = createHub({ HF_ENDPOINT: server.url, HF_TOKEN: run.token });
  const signal = run.signal ?? new AbortController().signal;
  const commit = await findCommit(hub, { id, revision: "main" }, signal);
  const files = await listFiles(hub, { id, commit }, signal);
  const file = files.find((entry) => entry.path === (run.path ?? path));
  if (!file) throw new Error("the hub does not list it");
  const retries: string[] = [];
  await downloadFile(
    { hub, id, commit, file, target: join(folder, file.path) },
    {
      patience: { tries: 3, firstDelaySeconds: 0.01, stallSeconds: 0.25 },
      signal,
      onRetry: (reason) => retries.push(reason),
      onBytes: run.onBytes ?? (() => undefined),
    },
  );
  return retries;
}

const ranges = () => server.requestsFor(path).map(({ headers }) => headers.range);
const storageHost = () => new URL(server.storageUrl).host;

async function expectWhole(): Promise<void> {
  expect((await readFile(target)).equals(content)).toBe(true);
  expect(existsSync(`${target}.part`)).toBe(false);
}

describe("goes on from where the transfer ended", () => {
  it.each([
    ["a reset", resetAfter(200_000), () => `the connection to ${storageHost()} broke`],
    ["a closed connection", endAfter(200_000), () => `the connection to ${storageHost()} broke`],
    ["silence", stallAfter(200_000), () => "nothing arrived for 0.25 seconds"],
    ["an end in good order", stopAfter(200_000), () => `${path} ended 100000 bytes early`],
  ])("with %s", async (_name, fault, reason) => {
    let arrived = 0;
    server.fail(path, fault);
    const onBytes = (bytes: number) => {
      if (server.requestsFor(path).length === 1) arrived = bytes;
    };
    expect(await download({ onBytes })).toEqual([reason()]);
    await expectWhole();
    expect(arrived).toBeGreaterThan(0);
    expect(ranges()).toEqual([undefined, `bytes=${arrived}-`]);
  });

  it("with the tag of what it has, where the server gave one", async () => {
    server.fail(path, stopAfter(1000), stopAfter(1000));
    await download();
    await expectWhole();
    expect(server.requestsFor(path).map(({ headers }) => headers["if-range"])).toEqual([
      undefined,
      etagOf(content),
      etagOf(content),
    ]);
  });

  it("of an earlier process", async () => {
    await writeFile(`${target}.part`, content.subarray(0, 250_000));
    expect(await download()).toEqual([]);
    await expectWhole();
    expect(ranges()).toEqual(["bytes=250000-"]);
  });

  it("which had everything but the end of its work", async () => {
    await writeFile(`${target}.part`, content);
    await download();
    await expectWhole();
    expect(ranges()).toEqual([]);
  });

  it("as often as it takes, while it comes further", async () => {
    const cuts = Array.from({ length: 10 }, () => stopAfter(20_000));
    server.fail(path, ...cuts);
    expect(await download()).toHaveLength(10);
    await expectWhole();
  });
});

it("asks again when it was sent another range", async () => {
  await writeFile(`${target}.part`, content.subarray(0, 250_000));
  server.fail(path, ({ request, send }) => {
    request.headers.range = "bytes=260000-";
    send();
  });
  expect(await download()).toEqual([
    `${storageHost()} sent another range of ${path} than asked for`,
  ]);
  await expectWhole();
});

describe("begins anew", () => {
  it("when the server knows no ranges", async () => {
    server.fail(path, stopAfter(100_000), withoutRanges);
    await download();
    await expectWhole();
  });

  it("when the server has nothing at that offset", async () => {
    await writeFile(`${target}.part`, content.subarray(0, 250_000));
    server.fail(path, answerStatus(416));
    await download();
    await expectWhole();
    expect(ranges()).toEqual(["bytes=250000-", undefined]);
  });

  it("when the file is another one now", async () => {
    const other = Buffer.alloc(content.length);
    server.fail(path, (exchange) => stopAfter(100_000)({ ...exchange, content: other }));
    expect(await download()).toEqual([`${path} ended 200000 bytes early`]);
    await expectWhole();
    expect(server.requestsFor(path)[1]?.headers["if-range"]).toBe(etagOf(other));
  });

  it("when what was there turns out to be something else", async () => {
    await writeFile(`${target}.part`, Buffer.alloc(250_000));
    expect(await download()).toEqual([`the pieces of ${path} do not fit together`]);
    await expectWhole();
    expect(ranges()).toEqual(["bytes=250000-", undefined]);
  });

  it("when there was too much of it", async () => {
    await writeFile(`${target}.part`, Buffer.alloc(300_001));
    await download();
    await expectWhole();
    expect(ranges()).toEqual([undefined]);
  });
});

it("waits for a slow server as long as something arrives", async () => {
  server.fail(path, slowly(6, 100));
  const seen: number[] = [];
  expect(await download({ onBytes: (bytes) => seen.push(bytes) })).toEqual([]);
  await expectWhole();
  expect(seen[0]).toBe(0);
  expect(seen.length).toBeGreaterThanOrEqual(7);
  expect(seen.at(-1)).toBe(content.length);
});

describe("tries again", () => {
  it.each([408, 429, 500, 503])("after status %d", async (status) => {
    server.fail(path, answerStatus(status));
    expect(await download()).toEqual([`${storageHost()} answered ${status}`]);
    await expectWhole();
  });

  it("after the pause the server asks for", async () => {
    server.fail(path, answerStatus(429, { "retry-after": "1" }));
    const start = performance.now();
    await download();
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  it("when the storage finds the redirect's signature too old", async () => {
    server.fail(path, answerStatus(403));
    await download();
    await expectWhole();
    expect(server.requests.filter(({ url }) => url.includes("/resolve/"))).toHaveLength(2);
  });
});

describe("gives up", () => {
  it("after several failures without progress, keeping what there is", async () => {
    server.fail(path, stopAfter(1000), ...Array(3).fill(answerStatus(502)));
    await expect(download()).rejects.toThrow(
      `${storageHost()} answered 502. Gave up after 3 tries in a row`,
    );
    expect((await readFile(`${target}.part`)).length).toBe(1000);
  });

  it("when the server begins anew each time and never comes further", async () => {
    const stopEarly = ({ request, ...exchange }: Exchange) => {
      delete request.headers.range;
      stopAfter(100_000)({ request, ...exchange });
    };
    server.fail(path, ...Array(10).fill(stopEarly));
    await expect(download()).rejects.toThrow("Gave up after 3 tries");
    expect(ranges()).toEqual([undefined, "bytes=100000-", "bytes=100000-"]);
  });

  it("when the server wants to be left alone for long", async () => {
    server.fail(path, answerStatus(429, { "retry-after": "3600" }));
    await expect(download()).rejects.toThrow(
      `${storageHost()} answered 429 and asks to be left alone for 60 minutes`,
    );
  });

  it("on other content, naming both digests and leaving nothing", async () => {
    server.fail(path, otherContent);
    await expect(download()).rejects.toThrow(
      /^model\.safetensors did not arrive as it should be and is deleted: expected sha256:[0-9a-f]{64}, got sha256:[0-9a-f]{64}$/,
    );
    expect(existsSync(target) || existsSync(`${target}.part`)).toBe(false);
  });

  it("on other content of a small file, by git's digest", async () => {
    server.fail(smallPath, otherContent);
    await expect(download({ path: smallPath })).rejects.toThrow(
      /expected git-sha1:0967ef424bce6791893e9a57bb952f80fd536e93, got git-sha1:[0-9a-f]{40}$/,
    );
  });

  it("on a file that does not end where it should", async () => {
    server.fail(path, tooMuch);
    await expect(download()).rejects.toThrow(
      `${path} is longer than the 300000 bytes it should have`,
    );
    expect(existsSync(target)).toBe(false);
  });

  it("when it is told to stop, keeping what there is", async () => {
    server.fail(path, stallAfter(100_000));
    const stop = new AbortController();
    const onBytes = (bytes: number) => bytes === 100_000 && stop.abort();
    await expect(download({ signal: stop.signal, onBytes })).rejects.toThrow("aborted");
    expect((await readFile(`${target}.part`)).length).toBe(100_000);
  });
});

it("shows its token to the hub and not to where that sends it", async () => {
  await download({ token: " hf_secret\n" });
  await expectWhole();
  const seen = server.requests.map((request) => [request.server, request.headers.authorization]);
  expect(seen).toEqual([
    ["hub", "Bearer hf_secret"],
    ["hub", "Bearer hf_secret"],
    ["hub", "Bearer hf_secret"],
    ["storage", undefined],
  ]);
});

it("asks for bytes as they are, uncompressed", async () => {
  await download();
  expect(new Set(server.requests.map(({ headers }) => headers["accept-encoding"]))).toEqual(
    new Set(["identity"]),
  );
});
