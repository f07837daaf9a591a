import { Miniflare } from "miniflare";

/** What a hit has to read: a key's record, a revision and a file. */
const reading = (file: string) => `export default {
  async fetch(_request, { FILES }) {
    await FILES.get("key");
    await FILES.get("revision");
    return new Response(await FILES.get("${file}", "arrayBuffer"));
  },
}`;

/** The least a Worker can do: answer; read what a hit has to read; pass an origin's answer on. */
const code = {
  bare: `export default { fetch: () => new Response("ok") }`,
  bareRead: reading("small"),
  bareLargeRead: reading("large"),
  bareProxy: `export default {
    fetch: (request, { ORIGIN }) => fetch(ORIGIN, request),
  }`,
};

export interface BareWorkers {
  urls: Record<keyof typeof code, URL>;
  close(): Promise<void>;
}

interface Files {
  small: Uint8Array<ArrayBuffer>;
  large: Uint8Array<ArrayBuffer>;
}

/** Starts them in a workerd of their own. The proxy's origin is the URL given. */
export async function startBareWorkers(files: Files, origin: string): Promise<BareWorkers> {
  const names = Object.keys(code) as (keyof typeof code)[];
  const miniflare = new Miniflare({
    cf: false,
    workers: names.map((name) => ({
      name,
      compatibilityDate: "2026-10-23",
      modules: true,
      script: code[name],
      bindings: { ORIGIN: `${origin}/v1/audio/speech` },
      kvNamespaces: ["FILES"],
      unsafeDirectSockets: [{}],
    })),
  });
  const kv = await miniflare.getKVNamespace("FILES", "bareRead");
  await Promise.all([
    kv.put("key", "{}"),
    kv.put("revision", "{}"),
    kv.put("small", files.small.buffer),
    kv.put("large", files.large.buffer),
  ]);
  const urls = await Promise.all(
    names.map(async (name) => [name, await miniflare.unsafeGetDirectURL(name)]),
  );
  return { urls: Object.fromEntries(urls), close: () => miniflare.dispose() };
}
