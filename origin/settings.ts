import { resolve } from "node:path";
import * as z from "zod";
import { type Catalogue, createCatalogue, NameSettingError } from "../shared/catalogue.ts";
import { type Language, languages, parseLanguage } from "../shared/languages.ts";
import { brief } from "../shared/wire-values.ts";
import { type EngineChoice, engineChoices } from "./engine/choice.ts";
import type { JobLimits } from "./jobs/jobs.ts";
import { type DeviceChoice, deviceChoices } from "./model/device/device.ts";
import { modelsDirectory, projectFolder } from "./model/pack/models-directory.ts";
import { type MemoryLimits, memoryBudget } from "./process/memory-budget.ts";
import { type LexiconFile, readLexiconFile } from "./text/lexicon-file.ts";

/** Timers hold no more than 24 days, and nobody waits for one. */
const maxSeconds = 24 * 60 * 60;
const maxGigabytes = 100_000;

/** A number in plain digits. What stands for infinity, or loses its last digits, would be found out much later. */
function number(rule: string, pattern: RegExp, holds: (value: number) => boolean) {
  return z
    .string()
    .refine((text) => pattern.test(text) && holds(Number(text)), {
      error: ({ input }) => `must be ${rule}; got ${brief(input)}`,
    })
    .transform(Number);
}

const wholeNumber = (least: number, most: number) =>
  number(`a whole number from ${least} to ${most}`, /^\d+$/, (n) => n >= least && n <= most);

const gigabytes = (rule: string, holds: (value: number) => boolean) =>
  number(
    `a number of gigabytes ${rule} ${maxGigabytes}`,
    /^\d+(\.\d+)?$/,
    (n) => holds(n) && n <= maxGigabytes,
  ).transform((value) => value * 1e9);

/** One of several words. */
export function oneOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.enum(names, {
    error: ({ input }) => `must be one of ${names.join(", ")}; got ${brief(input)}`,
  });
}

/** The values of a list that commas separate, with or without spaces. */
export function listEntries(list: string): string[] {
  return list.split(",").map((entry) => entry.trim());
}

/** A bearer token has no spaces (RFC 6750, section 2.1): one that had could never be shown. */
const tokens = z
  .string()
  .transform((list) => listEntries(list).filter((token) => token !== ""))
  .refine((list) => list.length > 0, { error: "must hold a token, or be left out" })
  .refine((list) => list.every((token) => !/\s/.test(token)), {
    error: "must hold tokens without spaces, separated by commas",
  });

const schema = z.object({
  ORIGIN_HOST: z.string().min(1).default("127.0.0.1"),
  ORIGIN_TOKEN: tokens.default([]),
  ORIGIN_OPEN: oneOf(["0", "1"]).default("0"),
  ENGINE: oneOf(engineChoices).default("auto"),
  DEVICE: oneOf(deviceChoices).default("auto"),
  MAX_STREAMS: wholeNumber(1, 10_000).default(64),
  MAX_WAIT_SECONDS: wholeNumber(1, maxSeconds).default(30),
  MODEL_MEMORY_GB: gigabytes("above 0 and at most", (n) => n > 0).optional(),
  KV_MEMORY_GB: gigabytes("from 0 to", (n) => n >= 0).optional(),
  DEFAULT_LANGUAGE: z
    .string()
    .transform((text, context) => {
      const language = parseLanguage(text);
      if (language && language !== "auto") return language;
      const message = `must be one of ${languages.join(", ")}, or its BCP-47 tag; got ${brief(text)}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .default("english"),
  LEXICON_FILE: z.string().optional(),
  VOICES_DIR: z.string().min(1).optional(),
  JOBS_DIR: z.string().min(1).optional(),
  JOBS_MAX: wholeNumber(0, 10_000).default(20),
  JOBS_MAX_GB: gigabytes("from 0 to", (n) => n >= 0).default(20e9),
  JOBS_TTL_HOURS: wholeNumber(1, 24 * 365).default(72),
  DRAIN_SECONDS: wholeNumber(0, maxSeconds).default(30),
  // Read by the processes of engines, which could not say what is wrong with them.
  ENGINE_THREADS: wholeNumber(1, 1024).optional(),
  DETERMINISTIC: oneOf(["0", "1"]).optional(),
  LEADING_SILENCE: oneOf(["cut", "keep"]).optional(),
  LOG_LEVEL: oneOf(["silent", "error", "warn", "info", "debug"]).default("info"),
});

export interface Settings {
  host: string;
  /** Whether only this machine can connect. */
  isLocal: boolean;
  /** 0 takes any free port. */
  port: number;
  /** Tokens that open the API; a second one serves while the first is being replaced. Empty: open to whoever connects. */
  tokens: string[];
  engine: EngineChoice;
  /** What Qwen3 models are to be computed on. */
  device: DeviceChoice;
  /** Where the packs of Qwen3 models are. */
  modelsDirectory: string;
  /** Answers spoken at once; past it, 503. */
  maxStreams: number;
  /** How long an answer may be held up, by its model being loaded or by other answers; past it, 503. */
  maxWaitSeconds: number;
  memory: MemoryLimits;
  /** Where kept voices are. */
  voicesDirectory: string;
  jobs: JobLimits;
  /** How long running answers may take to finish after a stop signal. */
  drainSeconds: number;
  logLevel: string;
  /** What a text is spoken in whose language neither the request nor the text tells. */
  defaultLanguage: Language;
  /** How words are said, whatever the request; null where nothing says so. */
  lexicon: LexiconFile | null;
  /** The names of models and voices. */
  catalogue: Catalogue;
}

/** What stands in the way of starting, in words for the operator. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

type Environment = Record<string, string | undefined>;

/** Whether only this machine can connect to what listens there. */
export function isLocalHost(host: string): boolean {
  return ["127.0.0.1", "::1", "localhost"].includes(host);
}

/** Reads one port number. Throws SettingsError when it is none. */
export function readPort(environment: Environment, name: string, fallback: number): number {
  const text = environment[name] || String(fallback);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new SettingsError(
    `${name}: must be a port number up to 65535; got ${JSON.stringify(text)}`,
  );
}

/** Reads what to compute on. Throws SettingsError when there is no such device. */
export function readDevice(environment: Environment): DeviceChoice {
  return readOne(schema.shape.DEVICE, environment, "DEVICE");
}

/** Reads how many threads to compute with; undefined where that is not set. Throws SettingsError when it is no such number. */
export function readThreads(environment: Environment): number | undefined {
  return readOne(schema.shape.ENGINE_THREADS, environment, "ENGINE_THREADS");
}

function readOne<T>(rule: z.ZodType<T>, environment: Environment, name: string): T {
  const parsed = rule.safeParse(environment[name] || undefined);
  if (parsed.success) return parsed.data;
  throw new SettingsError(`${name}: ${parsed.error.issues[0]?.message}`);
}

/** Reads the settings from environment variables. Throws SettingsError naming the variable and its rule. */
export function readSettings(environment: Environment): Settings {
  const given = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SettingsError(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const value = parsed.data;
  const isLocal = isLocalHost(value.ORIGIN_HOST);
  if (!isLocal && value.ORIGIN_TOKEN.length === 0 && value.ORIGIN_OPEN !== "1") {
    throw new SettingsError(
      `ORIGIN_HOST: ${value.ORIGIN_HOST} can be reached from other machines; set ORIGIN_TOKEN, or ORIGIN_OPEN=1 to let anyone speak`,
    );
  }
  const memory = { totalBytes: value.MODEL_MEMORY_GB, keyValueBytes: value.KV_MEMORY_GB };
  requireRoom(memory);
  return {
    host: value.ORIGIN_HOST,
    isLocal,
    port: readPort(environment, "ORIGIN_PORT", 8880),
    tokens: value.ORIGIN_TOKEN,
    engine: value.ENGINE,
    device: value.DEVICE,
    modelsDirectory: modelsDirectory(environment),
    maxStreams: value.MAX_STREAMS,
    maxWaitSeconds: value.MAX_WAIT_SECONDS,
    memory,
    voicesDirectory: readVoicesDirectory(environment),
    jobs: {
      directory: value.JOBS_DIR ? resolve(value.JOBS_DIR) : projectFolder("jobs", environment),
      maxQueued: value.JOBS_MAX,
      maxBytes: value.JOBS_MAX_GB,
      ttlSeconds: value.JOBS_TTL_HOURS * 60 * 60,
    },
    drainSeconds: value.DRAIN_SECONDS,
    logLevel: value.LOG_LEVEL,
    defaultLanguage: value.DEFAULT_LANGUAGE,
    lexicon: value.LEXICON_FILE === undefined ? null : readLexicon(value.LEXICON_FILE),
    catalogue: readCatalogue(environment),
  };
}

function readLexicon(path: string): LexiconFile {
  try {
    return readLexiconFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettingsError(`LEXICON_FILE: ${reason}`, { cause });
  }
}

/** Throws SettingsError where keys and values would leave nothing to the models. `gpuBytes` as for `memoryBudget`. */
export function requireRoom(limits: MemoryLimits, gpuBytes: number | null = null): void {
  if (memoryBudget(limits, gpuBytes).modelBytes > 0) return;
  throw new SettingsError("KV_MEMORY_GB: must be less than MODEL_MEMORY_GB, of which it is a part");
}

/** Reads where kept voices are. */
export function readVoicesDirectory(environment: Environment): string {
  const named = environment.VOICES_DIR;
  return named ? resolve(named) : projectFolder("voices", environment);
}

/** Reads the names of models and voices. Throws SettingsError when they are not good. */
export function readCatalogue(environment: Environment): Catalogue {
  try {
    return createCatalogue(environment);
  } catch (cause) {
    if (cause instanceof NameSettingError) {
      throw new SettingsError(`${cause.setting}: ${cause.rule}`);
    }
    throw cause;
  }
}
