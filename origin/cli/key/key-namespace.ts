import { execFile } from "node:child_process";
import { promisify, stripVTControlCharacters } from "node:util";
import * as z from "zod";
import { type KeyRecord, keyRecordSchema, storageKey } from "../../../shared/api-key.ts";
import { projectFolder, wranglerProgram } from "../wrangler.ts";

export interface NamespaceTarget {
  /** Of Cloudflare, with the account wrangler is logged in to; else of `wrangler dev` on this machine. */
  remote: boolean;
  /** An environment of wrangler.toml. */
  environment: string | undefined;
  /** Another folder for local state than .wrangler/state. */
  persistTo: string | undefined;
}

export interface StoredKey {
  /** As the namespace calls it. */
  name: string;
  /** Undefined when it cannot be read. */
  record: KeyRecord | undefined;
}

export interface KeyNamespace {
  put(record: KeyRecord): Promise<void>;
  /** The keys whose ids begin with `prefix`. */
  list(prefix?: string): Promise<StoredKey[]>;
}

const listSchema = z.array(
  z.object({ name: z.string(), metadata: keyRecordSchema.optional().catch(undefined) }),
);

/**
 * The KV namespace KEYS, by way of wrangler. A record is written as the value, for the edge, and as the metadata, so that
 * one listing has them all. Throws an Error with what wrangler says.
 */
export function openKeyNamespace({
  remote,
  environment,
  persistTo,
}: NamespaceTarget): KeyNamespace {
  const target = [
    ...["--binding", "KEYS", remote ? "--remote" : "--local"],
    ...(environment === undefined ? [] : ["--env", environment]),
    ...(persistTo === undefined ? [] : ["--persist-to", persistTo]),
  ];
  return {
    async put(record) {
      const json = JSON.stringify(record);
      await wrangler([
        "kv",
        "key",
        "put",
        storageKey(record.id),
        json,
        "--metadata",
        json,
        ...target,
      ]);
    },
    async list(prefix = "") {
      const found = await wrangler([
        "kv",
        "key",
        "list",
        "--prefix",
        storageKey(prefix),
        ...target,
      ]);
      return listSchema
        .parse(JSON.parse(found))
        .map(({ name, metadata }) => ({ name, record: metadata }));
    },
  };
}

async function wrangler(args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [wranglerProgram, ...args], {
      cwd: projectFolder,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, WRANGLER_HIDE_BANNER: "true" },
    });
    return stdout;
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
    throw new Error(`wrangler could not do it:\n${stripVTControlCharacters(said).trim()}`, {
      cause,
    });
  }
}
