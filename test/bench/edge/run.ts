// What the edge costs: hits and refusals beside the barest Workers there can be, in one run. Rounds take turns, so that
// whatever else the machine does meets all alike, and what counts are the ratios.
import { parseArgs } from "node:util";
import { startEdge } from "../../support/edge.ts";
import { validSpeech } from "../../support/edge-speech.ts";
import { startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";
import { storeKey } from "../../support/keys.ts";
import { startBareWorkers } from "./bare-workers.ts";
import { type Load, type Measured, measure } from "./load.ts";
import { report } from "./report.ts";

/** About six seconds of mp3. */
const file = noise(50_000);
const unlimited = { KEY_RATE: 1e9, ADDRESS_RATE: 1e9 };

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    seconds: { type: "string", default: "0.5" },
    connections: { type: "string", default: "16" },
  },
});

const bare = await startBareWorkers(file);
const origin = await startFramesOrigin();
origin.behave(speak(() => framesOf(file, { chunkBytes: 8192 })));
const edge = await startEdge(
  {
    ORIGIN_URLS: origin.url,
    AUTH: "keys",
    AUDIO: "audio",
    FLIGHTS: true,
    URL_SIGNING_SECRET: "a secret of thirty-two characters",
  },
  { requestsPerMinute: unlimited },
);
try {
  const key = await storeKey(edge);
  const loads = await edgeLoads(key.headers);
  const results = new Map<string, Measured[]>(Object.keys(loads).map((name) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, load] of Object.entries(loads)) {
      const measured = await measure(load, Number(values.connections), Number(values.seconds));
      results.get(name)?.push(measured);
    }
  }
  process.stdout.write(report(results));
} finally {
  await Promise.all([edge.close(), origin.close(), bare.close()]);
}

async function edgeLoads(key: Record<string, string>): Promise<Record<string, Load>> {
  const speech = new URL("/v1/audio/speech", edge.url);
  const json = { "content-type": "application/json" };
  const ask = (fields: object, headers: object, status: number): Load => ({
    url: speech,
    method: "POST",
    headers: { ...json, ...headers },
    body: JSON.stringify({ ...validSpeech, ...fields }),
    status,
  });
  const get = (url: URL, status: number): Load => ({ url, method: "GET", headers: {}, status });
  const hit = ask({}, key, 200);
  const link = await untilHit(hit);
  return {
    "bare Worker": get(bare.urls.bare, 200),
    "bare, three KV reads": get(bare.urls.bareKv, 200),
    "hit, mp3 of 50 kB": hit,
    "hit, by its link": get(link, 200),
    "401, no such key": ask({}, { authorization: "Bearer sk-nobody" }, 401),
    "400, no such voice": ask({ voice: "hal" }, key, 400),
    "404, no such route": get(new URL("/v1/nothing", edge.url), 404),
    "list of models": get(new URL("/v1/models", edge.url), 200),
  };
}

/** Has it spoken and kept, and returns the signed link to the file. */
async function untilHit({ url, headers, body = "" }: Load): Promise<URL> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const answer = await fetch(url, { method: "POST", headers, body });
    const { byteLength } = await answer.arrayBuffer();
    const link = answer.headers.get("content-location");
    const isHit = answer.headers.get("x-cache") === "HIT" && byteLength === file.byteLength;
    if (isHit && link) return new URL(link, url);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("the edge does not answer from its cache");
}
