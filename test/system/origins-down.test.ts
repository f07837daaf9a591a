import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { postSpeech } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";

let origins: Origin[];
let edge: Edge;

beforeAll(async () => {
  origins = await Promise.all([startTestOrigin(), startTestOrigin()]);
  const ORIGIN_URLS = origins.map(({ url }) => url).join();
  edge = await startEdge({ ORIGIN_URLS, AUDIO: "audio", FLIGHTS: true });
});

afterAll(async () => {
  await edge.close();
  await Promise.all(origins.map((origin) => origin.close()));
});

const inputs = Array.from({ length: 6 }, (_, index) => `This is text number ${index}.`);

/** Has all of them spoken and returns what each answer's X-Cache says. */
async function speakAll(): Promise<(string | null)[]> {
  const caches: (string | null)[] = [];
  for (const input of inputs) {
    const answer = await postSpeech(edge.url, { input, response_format: "pcm" });
    expect(answer.status).toBe(200);
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(24_000);
    caches.push(answer.headers.get("x-cache"));
  }
  return caches;
}

describe("an edge before two origins, in this order", () => {
  it("speaks when one of them is down", async () => {
    await origins[0]?.close();
    expect(await speakAll()).toEqual(inputs.map(() => "MISS"));
  });

  it("still answers what it has spoken when both are down", async () => {
    await origins[1]?.close();
    expect(await speakAll()).toEqual(inputs.map(() => "HIT"));
  });

  it("says with a 503 when to come back for what it has not", async () => {
    const answer = await postSpeech(edge.url, { input: "Something new." });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    const { error } = errorEnvelopeSchema.parse(await answer.json());
    expect(error.code).toBe("origin_unreachable");
    const health = await fetch(`${edge.url}/health`);
    expect(health.status).toBe(503);
  });
});
