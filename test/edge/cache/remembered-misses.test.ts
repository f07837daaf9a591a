import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { base64AnswerSchema } from "../../../shared/answers.ts";
import { type Edges, startEdges } from "../../support/edge.ts";
import { speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";
import { receive, send } from "../../support/sockets.ts";

const audio = noise(5000);
/** As long as a flight's object has its file in memory. */
const afterwardsMs = 11_000;

let origin: FramesOrigin;
let edges: Edges<"here" | "elsewhere">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(audio)));
  const settings = {
    ORIGIN_URLS: origin.url,
    AUDIO: "audio",
    FLIGHTS: true,
    URL_SIGNING_SECRET: "a secret of at least thirty-two characters",
  };
  edges = await startEdges({
    here: { ...settings, KV_STATE: "remembered_misses" },
    elsewhere: settings,
  });
  // From then on the revision is known.
  await speech(edges.urls.here);
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

async function get(url: string) {
  const { status, headers, body } = await receive(await send(url).head);
  return { status, cache: headers["x-cache"], isWhole: body.equals(audio) };
}

test("what was spoken here is found again here, while KV still remembers that it had nothing", async () => {
  const fields = { input: "Where the miss is remembered." };
  const json = await speech(edges.urls.here, fields, { path: "/v1/audio/speech/base64" });
  const { url = "" } = base64AnswerSchema.parse(JSON.parse(json.body.toString()));
  const orders = origin.orders.length;
  const found = { status: 200, cache: "HIT", isWhole: true };

  expect(await get(url)).toEqual(found);
  await delay(afterwardsMs);
  expect(await get(url)).toEqual(found);
  for (const headers of [{ "cache-control": "only-if-cached" }, {}]) {
    const again = await speech(edges.urls.here, fields, { headers });
    expect([again.headers["x-cache"], again.body.equals(audio)]).toEqual(["HIT", true]);
  }

  // An id that nobody was given is asked of no object, and so of KV alone.
  const unsigned = new URL(url);
  unsigned.search = "";
  expect((await get(unsigned.href.replace(/[0-9a-f]{64}/, "0".repeat(64)))).status).toBe(404);
  expect(origin.orders).toHaveLength(orders);
});
