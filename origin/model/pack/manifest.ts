import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type ModelId, nativeModels } from "../../../shared/models.ts";
import { clonesVoices } from "../checkpoint/model-config.ts";
import { type Precision, precisions } from "../generate/precision.ts";
import { hasEncoders } from "./pack-files.ts";
import { type SelfTestRecord, selfTestRecord } from "./self-test-record.ts";

/**
 * What this version of the code builds and understands. Raise it whenever a pack built before would sound different or
 * could not be opened: older packs are then refused with the command that builds them anew.
 */
export const packFormat = 2;

export const manifestName = "pack.json";

const modelIds = Object.keys(nativeModels) as [ModelId, ...ModelId[]];
const precisionNames = Object.keys(precisions) as [Precision, ...Precision[]];
const sha256 = z.string().length(64);

const manifestSchema = z.object({
  format: z.literal(packFormat),
  /** The program that built it, with its version. */
  tool: z.string(),
  model: z.enum(modelIds),
  precision: z.enum(precisionNames),
  /** The checkpoint it was built from. */
  source: z.object({ folder: z.string(), sha256 }),
  /** Unix seconds. */
  built_at: z.int(),
  shapes: z.object({
    hidden_size: z.int(),
    layers: z.int(),
    codebooks: z.int(),
    sample_rate: z.int(),
    samples_per_frame: z.int(),
  }),
  files: z.record(z.string(), z.object({ bytes: z.int(), sha256 })),
  /** Absent when it was built without. */
  self_test: selfTestRecord.optional(),
});

/** What a pack says of itself, in its `pack.json`. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The pack cannot be used; the message says why, and with which command to build it anew. */
export class PackError extends Error {
  override readonly name = "PackError";
  /** Of a pack that has failed it. */
  readonly selfTest: SelfTestRecord | null;

  constructor(message: string, options: ErrorOptions & { selfTest?: SelfTestRecord } = {}) {
    super(message, options);
    this.selfTest = options.selfTest ?? null;
  }
}

/** Reads and checks a pack's manifest. Throws PackError, also when the pack has failed its self-test. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, manifestName);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new PackError(`${path} cannot be read. ${rebuildAdvice()}`, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) {
    const { self_test: selfTest, files } = parsed.data;
    if (isOfCloningModel(folder) && !hasEncoders(files)) {
      const problem = "is of a model that clones voices, and was built before packs had encoders";
      throw new PackError(`${path} ${problem}. ${rebuildAdvice(json)}`);
    }
    if (!selfTest?.problem) return parsed.data;
    const message = `${path}: the pack failed its self-test: ${selfTest.problem}. ${uncheckedAdvice}`;
    throw new PackError(message, { selfTest });
  }

  const told = z.object({ format: z.int() }).safeParse(json);
  const isOutdated = told.success && told.data.format !== packFormat;
  const problem = isOutdated
    ? `has format ${told.data.format}, and this version uses ${packFormat}`
    : `is damaged: ${z.prettifyError(parsed.error)}`;
  throw new PackError(`${path} ${problem}. ${rebuildAdvice(json)}`);
}

/** By the configuration in the pack; what is wrong with that is found when the pack is verified. */
function isOfCloningModel(folder: string): boolean {
  try {
    return clonesVoices(JSON.parse(readFileSync(join(folder, "config.json"), "utf8")));
  } catch {
    return false;
  }
}

const uncheckedAdvice =
  "It is kept for an issue report and not served; built with --no-self-test it would be.";

/** The command that builds a pack anew, as far as what is left of its manifest tells. */
export function rebuildAdvice(manifest?: unknown): string {
  const known = z
    .object({ source: z.object({ folder: z.string() }), precision: z.string() })
    .safeParse(manifest);
  const { source, precision } = known.success
    ? known.data
    : { source: { folder: "DIR" }, precision: "PRECISION" };
  return `Build it anew: npm run model -- build ${source.folder} --precision ${precision}`;
}

/** Names the content of a pack: hex SHA-256 over its files' digests. */
export function packDigest({ files }: Manifest): string {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify(entries.map(([name, file]) => [name, file.sha256])))
    .digest("hex");
}
