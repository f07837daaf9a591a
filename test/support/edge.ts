import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import type { VoiceRecord } from "../../shared/voices/voice-record.ts";

/** The bindings of edge/env.ts, as a deployment would set them. */
export interface EdgeSettings {
  ORIGIN_URLS?: string;
  ORIGIN_TOKEN?: string;
  ORIGIN_TIMEOUT_SECONDS?: string;
  /** Open, unless a test is about keys. */
  AUTH?: string;
  API_KEYS?: string;
  TOKEN_SIGNING_SECRET?: string;
  URL_SIGNING_SECRET?: string;
  CACHE_TTL_SECONDS?: string;
  CACHE_MAX_BYTES?: string;
  MODEL_ALIASES?: string;
  VOICE_ALIASES?: string;
  VOICE_NAMES?: string;
  /** The id of a KV namespace, which edges may share. One called "broken" fails at whatever it is asked. */
  AUDIO?: string;
  /**
   * What else AUDIO does: the Worker's place, though not its Durable Objects', remembers for good what it had not when
   * it was asked, or its reads take a second, or the records of revisions cannot be written.
   */
  KV_STATE?: "remembered_misses" | "cold_reads" | "refused_revisions";
  /** Has the reads of the namespace KEYS counted; it is bound as it is by default. */
  KEYS?: "counted";
  /** Has the data points of requests kept, for `dataPoints`. */
  METRICS?: "kept";
  /** Whether equal requests meet in Durable Objects, or in ones that fail, each in its way. */
  FLIGHTS?: boolean | "broken" | "overloaded" | "other_version";
}

/** What else a test may say of its runtime. */
export interface EdgeOptions {
  /** Requests a minute that the rate limit bindings allow; without it nothing is limited. */
  requestsPerMinute?: { [Binding in "KEY_RATE" | "ADDRESS_RATE" | "LINK_RATE"]?: number };
  /** A folder of local state to share with wrangler; without it everything is in memory. */
  persistTo?: string;
  /** The folder of a built page, for `/`. */
  page?: string;
  /** Leaves the namespaces and Durable Objects of wrangler.toml out. */
  unbound?: boolean;
}

export type Namespace = Awaited<ReturnType<Miniflare["getKVNamespace"]>>;

interface DataPoint {
  blobs: string[];
  doubles: number[];
  indexes: string[];
}

/** As RPC has it. */
interface VoiceBook {
  listVoices(): Promise<VoiceRecord[]>;
  addVoice(record: VoiceRecord): Promise<unknown>;
}

interface Runtime {
  /** The lines logged so far, parsed. */
  log: Record<string, unknown>[];
  /** The records of API keys. */
  keys(): ReturnType<Miniflare["getKVNamespace"]>;
  /** How often the edges with `KEYS: "counted"` have read a record, together. */
  keyReads(): Promise<number>;
  /** The cache of the first edge that has one. */
  audio(): Promise<Namespace>;
  /** What the edges with `METRICS: "kept"` have measured. */
  dataPoints(): Promise<DataPoint[]>;
  /** What a key keeps at the first edge. */
  voiceBook(keyId: string): Promise<VoiceBook>;
  close(): Promise<void>;
}

export interface Edge extends Runtime {
  url: string;
}

export interface Edges<Name extends string> extends Runtime {
  urls: Record<Name, string>;
}

/** Starts the Worker in workerd, on a port of its own. */
export async function startEdge(settings: EdgeSettings, options: EdgeOptions = {}): Promise<Edge> {
  const { urls, ...runtime } = await startEdges({ edge: settings }, options);
  return { url: urls.edge, ...runtime };
}

/** Starts one runtime with the Worker in it several times, each with its own settings and port. */
export async function startEdges<Name extends string>(
  settings: Record<Name, EdgeSettings>,
  { requestsPerMinute, persistTo, page, unbound = false }: EdgeOptions = {},
): Promise<Edges<Name>> {
  const names = Object.keys(settings) as Name[];
  const codes = await Promise.all(names.map((name) => bundle(entryOf(settings[name]))));
  const { compatibilityDate, compatibilityFlags } = await deployedRuntime();
  const log: Record<string, unknown>[] = [];
  const ratelimits = Object.fromEntries(
    Object.entries(requestsPerMinute ?? {}).map(([binding, limit]) => [
      binding,
      { simple: { limit, period: 60 } },
    ]),
  );
  const miniflare = new Miniflare({
    cf: false,
    ...(persistTo ? { defaultPersistRoot: persistTo } : {}),
    handleStructuredLogs: ({ message }: { message: string }) => {
      log.push(parseLine(message));
    },
    workers: [
      brokenWorker,
      { ...countingWorker, compatibilityDate, unsafeDirectSockets: [{}] },
      { ...measuringWorker, compatibilityDate, unsafeDirectSockets: [{}] },
      ...(page ? [{ ...pageWorker, compatibilityDate, assets: { directory: page } }] : []),
      ...names.map((name, i) => {
        const { AUDIO, FLIGHTS, KEYS, METRICS, ...bindings } = settings[name];
        return {
          name,
          compatibilityDate,
          compatibilityFlags,
          modules: [{ type: "ESModule" as const, path: "edge.js", contents: codes[i] ?? "" }],
          bindings: { AUTH: "open", ...bindings, FLIGHTS_STATE: String(FLIGHTS) },
          kvNamespaces: {
            ...(unbound || KEYS ? {} : { KEYS: "KEYS" }),
            ...(AUDIO && AUDIO !== "broken" ? { AUDIO } : {}),
            ...(unbound ? {} : { VOICES: "VOICES" }),
          },
          serviceBindings: {
            ...(AUDIO === "broken" ? { AUDIO: brokenWorker.name } : {}),
            ...(page ? { ASSETS: pageWorker.name } : {}),
            ...(KEYS === "counted" ? { KEYS: countingWorker.name } : {}),
            ...(METRICS ? { METRICS: measuringWorker.name } : {}),
          },
          durableObjects: {
            ...(unbound
              ? {}
              : {
                  QUOTAS: { className: "Quota", useSQLite: true },
                  VOICE_BOOKS: { className: "VoiceBooks", useSQLite: true },
                }),
            ...(FLIGHTS ? { FLIGHTS: flights(FLIGHTS) } : {}),
          },
          ratelimits,
          unsafeDirectSockets: [{}],
        };
      }),
    ],
  });
  const cached = names.find((name) => settings[name].AUDIO) ?? "";
  const urls = await Promise.all(names.map((name) => miniflare.unsafeGetDirectURL(name)));
  return {
    urls: Object.fromEntries(urls.map((url, i) => [names[i], url.origin])) as Record<Name, string>,
    log,
    keys: () => miniflare.getKVNamespace("KEYS", countingWorker.name),
    async keyReads() {
      const answer = await fetch(await miniflare.unsafeGetDirectURL(countingWorker.name));
      return Number(await answer.text());
    },
    async dataPoints() {
      const answer = await fetch(await miniflare.unsafeGetDirectURL(measuringWorker.name));
      return (await answer.json()) as DataPoint[];
    },
    audio: () => miniflare.getKVNamespace("AUDIO", cached),
    async voiceBook(keyId) {
      const books = await miniflare.getDurableObjectNamespace("VOICE_BOOKS", names[0] ?? "");
      return books.get(books.idFromName(keyId)) as unknown as VoiceBook;
    },
    close: () => miniflare.dispose(),
  };
}

/** Has the bindings' shapes and none of their functions. */
const brokenWorker = {
  name: "broken",
  modules: [
    {
      type: "ESModule" as const,
      path: "broken.js",
      contents: `
        export class Flights { fetch() { throw new Error("broken"); } }
        export default { fetch() { throw new Error("broken"); } };
      `,
    },
  ],
  durableObjects: { FLIGHTS: { className: "Flights", useSQLite: true } },
};

/** Stands for Workers Analytics Engine, which writes nothing on one's own machine, and says what it was told. */
const measuringWorker = {
  name: "measuring",
  modules: [
    {
      type: "ESModule" as const,
      path: "measuring.js",
      contents: `
        import { WorkerEntrypoint } from "cloudflare:workers";
        const points = [];
        export default class extends WorkerEntrypoint {
          fetch() { return Response.json(points); }
          writeDataPoint(point) { points.push(point); }
        }
      `,
    },
  ],
};

/** Stands before a KV namespace, and says how often it was read. */
const countingWorker = {
  name: "counting",
  modules: [
    {
      type: "ESModule" as const,
      path: "counting.js",
      contents: `
        import { WorkerEntrypoint } from "cloudflare:workers";
        let reads = 0;
        export default class extends WorkerEntrypoint {
          fetch() { return new Response(String(reads)); }
          get(...read) { reads++; return this.env.KEYS.get(...read); }
        }
      `,
    },
  ],
  kvNamespaces: { KEYS: "KEYS" },
};

/** Has the assets, so that nothing of Miniflare's stands before the Worker itself. */
const pageWorker = { name: "page", modules: true, script: "export default {}" };

function flights(state: true | string) {
  const scriptName = state === "broken" ? { scriptName: brokenWorker.name } : {};
  return { className: "Flights", useSQLite: true, ...scriptName };
}

/** The edge, or a program around it that does what Miniflare does not. */
function entryOf({ KV_STATE, FLIGHTS }: EdgeSettings): string {
  if (KV_STATE) return "test/support/documented-kv-worker.mjs";
  return FLIGHTS === "overloaded" || FLIGHTS === "other_version"
    ? "test/support/refusing-flights-worker.mjs"
    : "edge/index.ts";
}

const bundled = new Map<string, Promise<string>>();

/** One for all edges of this process. */
function bundle(entry: string): Promise<string> {
  const code = bundled.get(entry) ?? bundleAnew(entry);
  bundled.set(entry, code);
  return code;
}

async function bundleAnew(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    external: ["cloudflare:workers"],
    format: "esm",
    target: "es2023",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** The tests run on the runtime that wrangler.toml asks for. */
async function deployedRuntime() {
  const text = await readFile("wrangler.toml", "utf8");
  const date = /^compatibility_date = "(.+)"$/m.exec(text)?.[1];
  const flags = /^compatibility_flags = (\[.+\])$/m.exec(text)?.[1];
  if (!date || !flags) throw new Error("wrangler.toml names no compatibility date or flags");
  return { compatibilityDate: date, compatibilityFlags: JSON.parse(flags) as string[] };
}

function parseLine(message: string): Record<string, unknown> {
  try {
    return JSON.parse(message);
  } catch {
    return { unstructured: message };
  }
}
