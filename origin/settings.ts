import * as z from "zod";
import { type EngineChoice, engineChoices } from "./engine/choice.ts";
import { type MemoryBudget, memoryBudget } from "./memory-budget.ts";
import { type DeviceChoice, deviceChoices } from "./model/device/device.ts";
import { modelsDirectory } from "./model/pack/models-directory.ts";

const wholeNumber = z.string().regex(/^\d+$/, "must be a whole number").transform(Number);

/** Timers hold no more than 24 days, and nobody waits for one. */
const seconds = wholeNumber.pipe(z.number().max(24 * 60 * 60));

const gigabytes = z
  .string()
  .regex(/^\d+(\.\d+)?$/, "must be a number of gigabytes")
  .transform((text) => Number(text) * 1e9);

const schema = z.object({
  ORIGIN_HOST: z.string().min(1).default("127.0.0.1"),
  ORIGIN_TOKEN: z.string().optional(),
  ORIGIN_OPEN: z.enum(["0", "1"]).default("0"),
  ENGINE: z.enum(engineChoices).default("auto"),
  DEVICE: z.enum(deviceChoices).default("auto"),
  MAX_STREAMS: wholeNumber.pipe(z.number().min(1)).default(64),
  MAX_WAIT_SECONDS: seconds.pipe(z.number().min(1)).default(30),
  MODEL_MEMORY_GB: gigabytes.optional(),
  KV_MEMORY_GB: gigabytes.optional(),
  DRAIN_SECONDS: seconds.default(30),
  // Read by the processes of engines, which could not say what is wrong with them.
  ENGINE_THREADS: wholeNumber.pipe(z.number().min(1).max(1024)).optional(),
  DETERMINISTIC: z.enum(["0", "1"]).optional(),
  LOG_LEVEL: z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
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
  memory: MemoryBudget;
  /** How long running answers may take to finish after a stop signal. */
  drainSeconds: number;
  logLevel: string;
}

/** What stands in the way of starting, in words for the operator. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

type Environment = Record<string, string | undefined>;

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
  const { data, error } = schema.shape.DEVICE.safeParse(environment.DEVICE || undefined);
  if (data) return data;
  throw new SettingsError(`DEVICE: ${error?.issues[0]?.message}`);
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
  const tokens = (value.ORIGIN_TOKEN ?? "").split(",").filter((token) => token !== "");
  const isLocal = ["127.0.0.1", "::1", "localhost"].includes(value.ORIGIN_HOST);
  if (!isLocal && tokens.length === 0 && value.ORIGIN_OPEN !== "1") {
    throw new SettingsError(
      `ORIGIN_HOST: ${value.ORIGIN_HOST} can be reached from other machines; set ORIGIN_TOKEN, or ORIGIN_OPEN=1 to let anyone speak`,
    );
  }
  const memory = memoryBudget(value.MODEL_MEMORY_GB, value.KV_MEMORY_GB);
  if (memory.modelBytes <= 0) {
    throw new SettingsError(
      "KV_MEMORY_GB: must be less than MODEL_MEMORY_GB, of which it is a part",
    );
  }
  return {
    host: value.ORIGIN_HOST,
    isLocal,
    port: readPort(environment, "ORIGIN_PORT", 8880),
    tokens,
    engine: value.ENGINE,
    device: value.DEVICE,
    modelsDirectory: modelsDirectory(environment),
    maxStreams: value.MAX_STREAMS,
    maxWaitSeconds: value.MAX_WAIT_SECONDS,
    memory,
    drainSeconds: value.DRAIN_SECONDS,
    logLevel: value.LOG_LEVEL,
  };
}
