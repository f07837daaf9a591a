import { execFile } from "node:child_process";
import { type parseArgs, promisify, stripVTControlCharacters } from "node:util";
import * as z from "zod";
import { projectFolder, wranglerProgram } from "./wrangler.ts";

/** Which of a binding's namespaces. */
export interface NamespaceTarget {
  /** Of Cloudflare, with the account wrangler is logged in to; else of `wrangler dev` on this machine. */
  remote: boolean;
  /** An environment of wrangler.toml. */
  environment: string | undefined;
  /** Another folder for local state than .wrangler/state. */
  persistTo: string | undefined;
}

/** As parseArgs takes them. */
export const targetOptions = {
  local: { type: "boolean", default: false },
  remote: { type: "boolean", default: false },
  env: { type: "string" },
  "persist-to": { type: "string" },
} as const satisfies NonNullable<Parameters<typeof parseArgs>[0]>["options"];

export const targetHelp = `    --local                 of wrangler dev on this machine (default)
    --remote                of Cloudflare: wrangler login, or CLOUDFLARE_API_TOKEN
    --env NAME              of an environment in wrangler.toml
    --persist-to DIR        local state elsewhere than in .wrangler/state`;

/** Checks what parseArgs has read. Throws an Error fit for the user. */
export function targetOf(values: {
  local: boolean;
  remote: boolean;
  env?: string;
  "persist-to"?: string;
}): NamespaceTarget {
  if (values.local && values.remote) throw new Error("--local and --remote exclude each other");
  return { remote: values.remote, environment: values.env, persistTo: values["persist-to"] };
}

export interface Namespace {
  /** Writes a record as the value, for the edge, and as the metadata, so that one listing has them all. */
  put(name: string, record: object): Promise<void>;
  /** What is kept under names that begin so; `metadata` is what `put` was given. */
  list(prefix: string): Promise<{ name: string; metadata?: unknown }[]>;
}

const listSchema = z.array(z.object({ name: z.string(), metadata: z.unknown().optional() }));

/** A KV namespace by its binding, by way of wrangler. Throws an Error with what wrangler says. */
export function openNamespace(
  binding: string,
  { remote, environment, persistTo }: NamespaceTarget,
): Namespace {
  const target = [
    ...["--binding", binding, remote ? "--remote" : "--local"],
    ...(environment === undefined ? [] : ["--env", environment]),
    ...(persistTo === undefined ? [] : ["--persist-to", persistTo]),
  ];
  return {
    async put(name, record) {
      const json = JSON.stringify(record);
      await wrangler(["kv", "key", "put", name, json, "--metadata", json, ...target]);
    },
    async list(prefix) {
      const found = await wrangler(["kv", "key", "list", "--prefix", prefix, ...target]);
      return listSchema.parse(JSON.parse(found));
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
