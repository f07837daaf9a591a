import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EdgeSettings, type Edges, startEdges } from "../support/edge.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { buildChangingPacks, type ChangingPacks } from "./changing-packs.ts";
import { type FleetOrigin, fleetToken, startFleetOrigin } from "./fleet-origin.ts";

/** Several origins of the builtin engine, each behind a proxy, and an edge before them with a cache and flights. */
export interface Fleet {
  readonly url: string;
  origins: readonly FleetOrigin[];
  /** Has the jobs and voices of all origins, where one was wanted and this user may mount it. */
  disk: SmallDisk | undefined;
  /** Where one was wanted. */
  qwen3: Qwen3Origin | undefined;
  /** Restarts the edges of all. */
  restartEdge(): Promise<void>;
  close(): Promise<void>;
}

/** An origin that speaks with Qwen3 models alone, and an edge of its own, as they have other answers than the others. */
export interface Qwen3Origin {
  readonly url: string;
  origin: FleetOrigin;
  packs: ChangingPacks;
}

export interface FleetOptions {
  /** Of the origins of the builtin engine. */
  environment?: Record<string, string>;
  /** Whether jobs and voices are kept on a disk of their own, which can be filled. */
  withSmallDisk?: boolean;
  withQwen3?: boolean;
}

const diskKibibytes = 32 * 1024;

export async function startFleet(count: number, options: FleetOptions = {}): Promise<Fleet> {
  const { environment = {}, withSmallDisk = false, withQwen3 = false } = options;
  const folder = mkdtempSync(join(tmpdir(), "fleet-"));
  const disk = withSmallDisk ? mountSmallDisk(diskKibibytes) : undefined;
  const start = (name: string, settings: Record<string, string>) =>
    startFleetOrigin(join(disk?.directory ?? folder, name), settings);
  const packs = withQwen3 ? await buildChangingPacks() : undefined;
  const origins = await Promise.all(
    Array.from({ length: count }, (_, i) => start(`origin-${i}`, environment)),
  );
  const speaking = packs
    ? await start("qwen3", { ENGINE: "qwen3", MODELS_DIR: packs.directory, ENGINE_THREADS: "1" })
    : undefined;
  const all = [...origins, ...(speaking ? [speaking] : [])];

  const settings = (of: readonly FleetOrigin[], namespace: string): EdgeSettings => ({
    ORIGIN_URLS: of.map(({ proxy }) => proxy.url).join(","),
    ORIGIN_TOKEN: fleetToken,
    ORIGIN_TIMEOUT_SECONDS: "20",
    AUDIO: namespace,
    FLIGHTS: true,
  });
  const open = (): Promise<Edges<string>> =>
    startEdges<string>(
      {
        builtin: settings(origins, "audio"),
        ...(speaking ? { qwen3: settings([speaking], "audio-qwen3") } : {}),
      },
      { persistTo: join(folder, "edge") },
    );
  let edges = await open();
  return {
    get url() {
      return edges.urls.builtin ?? "";
    },
    origins,
    disk,
    qwen3:
      speaking && packs
        ? {
            get url() {
              return edges.urls.qwen3 ?? "";
            },
            origin: speaking,
            packs,
          }
        : undefined,
    async restartEdge() {
      await edges.close();
      edges = await open();
    },
    async close() {
      await edges.close();
      await Promise.all(all.map((origin) => origin.stop("SIGKILL")));
      await Promise.all(all.map(({ proxy }) => proxy.close()));
      disk?.remove();
      packs?.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
