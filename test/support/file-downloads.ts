import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadFile } from "../../origin/download/download-file.ts";
import { createHub } from "../../origin/download/hub.ts";
import { listFiles } from "../../origin/download/list-files.ts";
import { hubCommit, startHub, type TestHub } from "./hub.ts";
import { createRandom } from "./random.ts";

const id = "team/model";
const random = createRandom(1);

/** A large file and a small one. */
export const path = "model.safetensors";
export const content = Buffer.from(Uint8Array.from({ length: 300_000 }, () => random() * 256));
export const smallPath = "config.json";

export interface FileDownloads {
  server: TestHub;
  /** The host that the large file comes from. */
  storageHost: string;
  /** Where the large file goes. */
  target: string;
  /** Downloads a file, the large one by default, with little patience for failures, and returns the retries it took. */
  download(run?: {
    path?: string;
    stallSeconds?: number;
    signal?: AbortSignal;
    onBytes?: (bytes: number) => void;
  }): Promise<string[]>;
  /** Whether the large file is there, is what it should be, and nothing lies beside it. */
  isWhole(): Promise<boolean>;
  /** What was asked for of the large file, request by request. */
  ranges(): (string | undefined)[];
  close(): Promise<void>;
}

/** A hub of two files, and a folder to download them to. */
export async function startFileDownloads(): Promise<FileDownloads> {
  const server = await startHub(id, { [path]: content, [smallPath]: Buffer.from("{}\n") });
  const folder = await mkdtemp(join(tmpdir(), "download-"));
  const target = join(folder, path);
  const hub = createHub({ HF_ENDPOINT: server.url });
  return {
    server,
    storageHost: new URL(server.storageUrl).host,
    target,
    async download(run = {}) {
      const signal = run.signal ?? new AbortController().signal;
      const files = await listFiles(hub, { id, commit: hubCommit }, signal);
      const file = files.find((entry) => entry.path === (run.path ?? path));
      if (!file) throw new Error("the hub does not list it");
      const retries: string[] = [];
      await downloadFile(
        { hub, id, commit: hubCommit, file, target: join(folder, file.path) },
        {
          patience: { tries: 3, firstDelaySeconds: 0.01, stallSeconds: run.stallSeconds ?? 30 },
          signal,
          onRetry: (reason) => retries.push(reason),
          onBytes: run.onBytes ?? (() => undefined),
        },
      );
      return retries;
    },
    isWhole: async () => (await readFile(target)).equals(content) && !existsSync(`${target}.part`),
    ranges: () => server.requestsFor(path).map(({ headers }) => headers.range),
    async close() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
