// What the edge costs: hits, misses and refusals beside the barest Workers there can be, in one run. Rounds take turns,
// so that whatever else the machine does meets all alike, and what counts are the ratios.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startEdges } from "../../support/edge.ts";
import { validSpeech } from "../../support/edge-speech.ts";
import { startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";
import { storeKey } from "../../support/keys.ts";
import { startBareWorkers } from "./bare-workers.ts";
import { type Load, measure } from "./load.ts";
import { processorMs, workerdProcesses } from "./processor-time.ts";
import { type Gate, judge, type Round, report, rowsOf } from "./report.ts";

/** About six seconds of mp3, and four minutes of it. */
const files = { small: noise(50_000), large: noise(2_000_000) };

/** What an origin joins for an edge: 200 ms of mp3. */
const frameBytes = 1600;

const unlimited = { KEY_RATE: 1e9, ADDRESS_RATE: 1e9, LINK_RATE: 1e9 };

const gates: Gate[] = [
  { name: "miss of 2 MB", beside: "bare proxy, 2 MB", most: 1.6 },
  { name: "hit of 50 kB", beside: "bare read, 50 kB", most: 1.2 },
  { name: "hit of 2 MB", beside: "bare read, 2 MB", most: 1.2 },
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    seconds: { type: "string", default: "0.5" },
    connections: { type: "string", default: "16" },
    /** A file to write them into as the rows of a suite. */
    rows: { type: "string" },
  },
});

let texts = 0;

const origin = await startFramesOrigin();
origin.behave(async (answer) => {
  const size = origin.orders.at(-1)?.body.includes("Large") ? "large" : "small";
  origin.orders.length = 0;
  // Each by itself, as they are when they are spoken.
  await speak(() => framesOf(files[size], { chunkBytes: frameBytes }))(answer);
});
const before = new Set(workerdProcesses());
const bare = await startBareWorkers(files, origin.url);
const [bareProcess] = workerdProcesses().filter((id) => !before.has(id));
const settings = {
  ORIGIN_URLS: origin.url,
  AUTH: "keys",
  AUDIO: "audio",
  FLIGHTS: true,
  URL_SIGNING_SECRET: "a secret of thirty-two characters",
};
// Of what is written into KV the simulation costs far more than the Worker: misses are kept nowhere.
const edges = await startEdges(
  { edge: settings, forgetful: { ...settings, CACHE_TTL_SECONDS: "0" } },
  { requestsPerMinute: unlimited },
);
const [edgeProcess] = workerdProcesses().filter((id) => id !== bareProcess && !before.has(id));
try {
  const key = await storeKey(edges);
  const loads = await edgeLoads(key.headers);
  const results = new Map<string, Round[]>(Object.keys(loads).map((name) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, load] of Object.entries(loads)) {
      const id = Object.values(edges.urls).includes(load.url.origin) ? edgeProcess : bareProcess;
      const usedBefore = id && processorMs(id);
      const measured = await measure(load, Number(values.connections), Number(values.seconds));
      const used = id && usedBefore !== undefined ? processorMs(id) - usedBefore : undefined;
      results.get(name)?.push({ ...measured, processorMs: used });
    }
  }
  if (values.rows) writeFileSync(values.rows, JSON.stringify(rowsOf(results, "bare Worker")));
  const verdict = judge(results, gates);
  process.stdout.write(`${report(results)}\n${verdict.text}`);
  if (!verdict.holds) process.exitCode = 1;
} finally {
  await Promise.all([edges.close(), origin.close(), bare.close()]);
}

async function edgeLoads(key: Record<string, string>): Promise<Record<string, Load>> {
  const speech = new URL("/v1/audio/speech", edges.urls.edge);
  const forgetful = new URL("/v1/audio/speech", edges.urls.forgetful);
  const json = { "content-type": "application/json" };
  const ask = (fields: () => object, headers: object, status = 200): Load => ({
    url: speech,
    method: "POST",
    headers: { ...json, ...headers },
    body: () => JSON.stringify({ ...validSpeech, ...fields() }),
    status,
  });
  const get = (url: URL, status: number): Load => ({ url, method: "GET", headers: {}, status });
  const hit = ask(() => ({}), key);
  const largeHit = ask(() => ({ input: "Large and kept." }), key);
  const link = await untilHit(hit, files.small.byteLength);
  await untilHit(largeHit, files.large.byteLength);
  const large = () => JSON.stringify({ ...validSpeech, input: `Large number ${texts++}.` });
  return {
    "bare Worker": get(bare.urls.bare, 200),
    "bare read, 50 kB": get(bare.urls.bareRead, 200),
    "hit of 50 kB": hit,
    "hit, by its link": get(link, 200),
    "bare read, 2 MB": get(bare.urls.bareLargeRead, 200),
    "hit of 2 MB": largeHit,
    "bare proxy, 2 MB": { ...hit, headers: json, url: bare.urls.bareProxy, body: large },
    "miss of 2 MB": { ...hit, url: forgetful, body: large },
    "miss of 2 MB, no-store": {
      ...hit,
      headers: { ...hit.headers, "cache-control": "no-store" },
      body: large,
    },
    "401, no such key": ask(() => ({}), { authorization: "Bearer sk-nobody" }, 401),
    "400, no such voice": ask(() => ({ voice: "hal" }), key, 400),
    "404, no such route": get(new URL("/v1/nothing", speech), 404),
    "list of models": get(new URL("/v1/models", speech), 200),
  };
}

/** Has it spoken and kept, and returns the signed link to the file. */
async function untilHit({ url, headers, body }: Load, bytes: number): Promise<URL> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const answer = await fetch(url, { method: "POST", headers, body: body?.() ?? null });
    const { byteLength } = await answer.arrayBuffer();
    const link = answer.headers.get("content-location");
    const isHit = answer.headers.get("x-cache") === "HIT" && byteLength === bytes;
    if (isHit && link) return new URL(link, url);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("the edge does not answer from its cache");
}
