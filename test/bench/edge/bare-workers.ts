import { Miniflare } from "miniflare";

/** The least a Worker can do: answer, and read what a hit has to read: a key's record, a revision and a file. */
const code = {
  bare: `export default { fetch: () => new Response("ok") }`,
  bareKv: `export default {
    async fetch(_request, { FILES }) {
      await FILES.get("key");
      await FILES.get("revision");
      return new Response(await FILES.get("file", "arrayBuffer"));
    },
  }`,
};

export interface BareWorkers {
  urls: Record<keyof typeof code, URL>;
  close(): Promise<void>;
}

export async function startBareWorkers(file: Uint8Array<ArrayBuffer>): Promise<BareWorkers> {
  const names = Object.keys(code) as (keyof typeof code)[];
  const miniflare = new Miniflare({
    cf: false,
    workers: names.map((name) => ({
      name,
      compatibilityDate: "2026-10-23",
      modules: true,
      script: code[name],
      kvNamespaces: ["FILES"],
      unsafeDirectSockets: [{}],
    })),
  });
  const files = await miniflare.getKVNamespace("FILES", "bareKv");
  await Promise.all([
    files.put("key", "{}"),
    files.put("revision", "{}"),
    files.put("file", file.buffer),
  ]);
  const [bare, bareKv] = await Promise.all([
    miniflare.unsafeGetDirectURL("bare"),
    miniflare.unsafeGetDirectURL("bareKv"),
  ]);
  return { urls: { bare, bareKv }, close: () => miniflare.dispose() };
}
