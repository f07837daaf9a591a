import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkpointFiles } from "../../../origin/download/checkpoint-files.ts";
import { downloadCheckpoint } from "../../../origin/download/download-checkpoint.ts";
import { findRepository, type Source } from "../../../origin/download/find-repository.ts";
import { createHub } from "../../../origin/download/hub.ts";
import type { RemoteFile } from "../../../origin/download/list-files.ts";
import { digest } from "../../support/digest.ts";
import {
  type HubOptions,
  hubCommit,
  readFolder,
  startHub,
  type TestHub,
} from "../../support/hub.ts";
import { resetAfter } from "../../support/hub-faults.ts";
import { picoCheckpoint } from "../../support/packs.ts";

const id = "team/pico";
const files = readFolder(picoCheckpoint("0.6b-custom-voice"));
const source = findRepository(id);
const tokenizer = "speech_tokenizer/model.safetensors";

let directory: string;
let servers: TestHub[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "checkpoints-"));
  servers = [];
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await rm(directory, { recursive: true });
});

async function start(name = id, content = files, options?: HubOptions): Promise<TestHub> {
  const server = await startHub(name, { ...content, "README.md": Buffer.of() }, options);
  servers.push(server);
  return server;
}

/** A hub that was there and is gone. */
async function stopped(): Promise<TestHub> {
  const server = await startHub(id, {});
  await server.close();
  return server;
}

/** The content of files by their paths, in a form that compares quickly. */
function digests(contents: Record<string, Buffer>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(contents).map(([path, content]) => [path, digest(content)]),
  );
}

interface Run {
  source?: Source;
  reserveBytes?: number;
}

async function download({ url }: { url: string }, run: Run = {}) {
  const told: { begun: string[]; finished: string[] } = { begun: [], finished: [] };
  const paths = (list: readonly RemoteFile[]) => list.map(({ path }) => path);
  const checkpoint = await downloadCheckpoint({
    hub: createHub({ HF_ENDPOINT: url }),
    source: run.source ?? source,
    modelsDirectory: directory,
    reserveBytes: () => run.reserveBytes ?? 0,
    report: {
      begin: (missing) => void told.begun.push(...paths(missing)),
      progress: () => undefined,
      finish: ({ path }) => void told.finished.push(path),
      retry: () => undefined,
    },
    signal: new AbortController().signal,
    patience: { tries: 2, firstDelaySeconds: 0.01, stallSeconds: 30 },
  });
  return { ...checkpoint, ...told };
}

it("downloads what a pack is built from, and nothing else", async () => {
  const { folder, begun, finished } = await download(await start());
  expect(folder).toBe(join(directory, ".checkpoints", "team--pico", hubCommit));
  expect(begun).toEqual(checkpointFiles);
  expect(finished).toEqual(checkpointFiles);
  const { ".verified.json": record, ...downloaded } = readFolder(folder);
  expect(digests(downloaded)).toEqual(digests(files));
  expect(Object.keys(JSON.parse(String(record)))).toEqual(checkpointFiles);
});

it("asks the hub nothing when the files of a commit are there", async () => {
  const first = await download(await start(), { source: { ...source, revision: hubCommit } });
  const again = await download(await stopped(), { source: { ...source, revision: hubCommit } });
  expect(again).toEqual({ ...first, begun: [], finished: [] });
});

it("downloads again what is missing, has another length or was never proven", async () => {
  const server = await start();
  const { folder } = await download(server);
  await rm(join(folder, "vocab.json"));
  writeFileSync(join(folder, "merges.txt"), "");
  const recordPath = join(folder, ".verified.json");
  const { "config.json": _, ...record } = JSON.parse(readFileSync(recordPath, "utf8"));
  writeFileSync(recordPath, JSON.stringify(record));
  const { finished } = await download(server);
  expect(finished).toEqual(["config.json", "vocab.json", "merges.txt"]);
  expect(digests(readFolder(folder))).toMatchObject(digests(files));
});

it("goes on in the file in which it was cut off", async () => {
  const server = await start();
  server.fail("model.safetensors", resetAfter(100_000), ({ response }) => response.destroy());
  await expect(download(server)).rejects.toThrow("Gave up after 2 tries");
  const { finished } = await download(server);
  expect(finished).toEqual(["model.safetensors"]);
  expect(server.requestsFor("vocab.json")).toHaveLength(1);
});

it("shares a file of the same content between checkpoints", async () => {
  const first = await download(await start());
  const other = await start("team/other", readFolder(picoCheckpoint("1.7b-custom-voice")));
  const second = await download(other, { source: findRepository("team/other") });
  expect(second.begun).not.toContain(tokenizer);
  expect(other.requestsFor(tokenizer)).toEqual([]);
  const [one, two] = [first, second].map(({ folder }) => statSync(join(folder, tokenizer)));
  expect(two?.ino).toBe(one?.ino);
  expect((await download(other, { source: findRepository("team/other") })).begun).toEqual([]);
});

describe("holds the hub to what is pinned", () => {
  const pinned: Source = {
    id,
    revision: hubCommit,
    pinned: { "model.safetensors": { bytes: 250_992, sha256: "0".repeat(64) } },
  };

  it("before anything is downloaded, where the listing tells", async () => {
    const server = await start();
    await expect(download(server, { source: pinned })).rejects.toThrow(
      new RegExp(
        `^${server.url} has another model.safetensors than was published: 250992 bytes, sha256:[0-9a-f]{64} instead of 250992 bytes, sha256:0{64}$`,
      ),
    );
    expect(existsSync(join(directory, ".checkpoints"))).toBe(false);
  });

  it("when the file has arrived, where the listing lies", async () => {
    const announce = { "model.safetensors": { oid: "0".repeat(64) } };
    const server = await start(id, files, { announce });
    await expect(download(server, { source: pinned })).rejects.toThrow(
      /^model.safetensors did not arrive as it should be and is deleted: expected sha256:0{64}, got sha256:[0-9a-f]{64}$/,
    );
  });
});

describe("refuses before it downloads", () => {
  it("more than the disk has room for", async () => {
    const announce = { "model.safetensors": { size: 10 ** 15 } };
    const server = await start(id, files, { announce });
    await expect(download(server, { reserveBytes: 2 * 10 ** 12 })).rejects.toThrow(
      /^The disk of \S+ has \S+ [GT]B free; 1\.0 PB to download and up to 2\.0 TB for the pack are needed\. Free some, or set MODELS_DIR to a folder on another disk$/,
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it("what leaves no room for the pack", async () => {
    await expect(download(await start(), { reserveBytes: 10 ** 15 })).rejects.toThrow(
      / free; 589 kB to download and up to 1\.0 PB for the pack are needed\. /,
    );
  });

  it("a repository in another layout", async () => {
    const { [tokenizer]: _, ...rest } = files;
    await expect(download(await start(id, rest))).rejects.toThrow(
      `${id} has no ${tokenizer} at revision ${hubCommit}: it is not in the layout of the Qwen3-TTS repositories`,
    );
  });
});
