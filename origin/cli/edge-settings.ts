import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import * as z from "zod";
import { isLocalHost, oneOf, readPort, SettingsError } from "../settings.ts";
import { projectFolder } from "./wrangler.ts";

/** Where the edge of this machine listens, and to whom it speaks. */
export interface LocalEdgeSettings {
  host: string;
  port: number;
  auth: "keys" | "open";
}

const schema = z.object({
  EDGE_HOST: z.string().min(1).default("127.0.0.1"),
  EDGE_OPEN: oneOf(["0", "1"]).default("0"),
  // As in wrangler.toml.
  AUTH: oneOf(["keys", "open"]).default("keys"),
});

type Environment = Record<string, string | undefined>;

/**
 * Reads environment variables, and of `.dev.vars` what they leave open. Throws SettingsError naming the variable and its
 * rule, also where the edge would speak to anyone of other machines without being told to.
 */
export function readEdgeSettings(environment: Environment, devVars: string): LocalEdgeSettings {
  const set = Object.entries({ ...parseEnv(devVars), ...environment }).filter(([, text]) => text);
  const parsed = schema.safeParse(Object.fromEntries(set));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SettingsError(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { EDGE_HOST: host, EDGE_OPEN, AUTH: auth } = parsed.data;
  if (!isLocalHost(host) && auth !== "keys" && EDGE_OPEN !== "1") {
    throw new SettingsError(
      `EDGE_HOST: ${host} can be reached from other machines; set AUTH=keys, or EDGE_OPEN=1 to let anyone speak`,
    );
  }
  return { host, auth, port: readPort(environment, "EDGE_PORT", 8787) };
}

/** The text of `.dev.vars`; empty where there is none. */
export async function readDevVars(): Promise<string> {
  return readFile(join(projectFolder, ".dev.vars"), "utf8").catch((cause) => {
    if (cause.code === "ENOENT") return "";
    throw cause;
  });
}

/** The address as it is shown. */
export function edgeUrl({ host, port }: LocalEdgeSettings): string {
  if (["127.0.0.1", "localhost"].includes(host)) return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** By which this very machine reaches it: the address that stands for all of them is none to connect to. */
export function ownUrl(settings: LocalEdgeSettings): string {
  const { host } = settings;
  return edgeUrl({ ...settings, host: { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host });
}
