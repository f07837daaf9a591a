import { afterAll, beforeAll, expect, test } from "vitest";
import type { SpeechEnd } from "../../../shared/frames/frame.ts";
import { fileId } from "../../../shared/identity.ts";
import { revisionKey } from "../../../shared/model-revision.ts";
import { speechRequestSchema } from "../../../shared/speech-request.ts";
import { type Edges, startEdges } from "../../support/edge.ts";
import { speech, validSpeech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";

const audio = noise(1000);
const first = { revision: "first", released_at: 100 };
const second = { revision: "second", released_at: 200 };
const key = revisionKey("qwen3-tts-12hz-0.6b-custom-voice");

let origin: FramesOrigin;
let edges: Edges<"here" | "there" | "refused">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  const settings = { ORIGIN_URLS: origin.url, AUDIO: "audio", FLIGHTS: true };
  const refused = { ...settings, AUDIO: "refused", KV_STATE: "refused_revisions" as const };
  edges = await startEdges({ here: settings, there: settings, refused });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

function speaks(end: Partial<SpeechEnd>): void {
  origin.behave(speak(() => framesOf(audio, { end })));
}

async function ask(input: string, edge: keyof typeof edges.urls = "here") {
  const before = origin.orders.length;
  const { status, headers } = await speech(edges.urls[edge], { input });
  return { status, cache: headers["x-cache"], orders: origin.orders.length - before };
}

async function storedFiles(): Promise<string[]> {
  const kv = await edges.audio();
  return (await kv.list({ prefix: "audio:2:" })).keys.map(({ name }) => name.slice(8)).sort();
}

function idOf(input: string, revision: string): Promise<string> {
  return fileId(speechRequestSchema.parse({ ...validSpeech, input }), revision);
}

test("through a roll-out files are stored under the revision that made them", async () => {
  const kv = await edges.audio();
  speaks(first);
  expect(await ask("One.")).toMatchObject({ cache: "MISS", orders: 1 });
  const one = await idOf("One.", "first");
  await expect.poll(storedFiles).toEqual([one]);
  expect(await kv.get(key, "json")).toEqual({ ...first, stand_in: "builtin" });
  expect(await ask("One.", "there")).toMatchObject({ cache: "HIT", orders: 0 });

  // The edge expects the first revision, and the second one answers.
  speaks(second);
  expect(await ask("Two.")).toMatchObject({ status: 200, orders: 1 });
  const two = await idOf("Two.", "second");
  await expect.poll(storedFiles).toEqual([one, two].sort());
  expect(await kv.get(key, "json")).toEqual({ ...second, stand_in: "builtin" });
  expect(await ask("Two.")).toMatchObject({ cache: "HIT", orders: 0 });
  const renewed = await idOf("One.", "second");
  expect(await ask("One.")).toMatchObject({ cache: "MISS", orders: 1 });
  await expect.poll(storedFiles).toEqual([one, two, renewed].sort());

  // An older origin that still runs is heard, and not kept.
  speaks(first);
  expect(await ask("Three.")).toMatchObject({ status: 200, orders: 1 });
  expect(await ask("Three.")).toMatchObject({ status: 200, orders: 1 });
  // As is one that is neither newer nor the same.
  speaks({ revision: "other", released_at: 200 });
  expect(await ask("Three.")).toMatchObject({ status: 200, orders: 1 });
  expect(await storedFiles()).toEqual([one, two, renewed].sort());
  expect(await kv.get(key, "json")).toEqual({ ...second, stand_in: "builtin" });
});

test("a revision that is published counts at once where none is remembered", async () => {
  const kv = await edges.audio();
  const hd = { model: "tts-1-hd", input: "Four." };
  const cacheOf = async (edge: "here" | "there") =>
    (await speech(edges.urls[edge], hd)).headers["x-cache"];
  speaks(first);
  await cacheOf("here");
  await expect.poll(() => cacheOf("here")).toBe("HIT");
  await kv.put(revisionKey("qwen3-tts-12hz-1.7b-custom-voice"), JSON.stringify(second));
  speaks(second);
  expect(await cacheOf("there")).toBe("MISS");
  await expect.poll(() => cacheOf("there")).toBe("HIT");
});

test("a record that cannot be read counts for none, and is written anew", async () => {
  const kv = await edges.audio();
  const name = revisionKey("qwen3-tts-12hz-1.7b-voice-design");
  await kv.put(name, '{"revision":7}');
  speaks(first);
  const fields = { model: "qwen3-tts-12hz-1.7b-voice-design", voice: "design", input: "Six." };
  expect((await speech(edges.urls.here, fields)).status).toBe(200);
  await expect.poll(() => kv.get(name, "json")).toEqual({ ...first, stand_in: "builtin" });
});

test("a record that cannot be written keeps no good file from being stored and found", async () => {
  speaks(first);
  expect(await ask("Seven.", "refused")).toMatchObject({ status: 200, cache: "MISS" });
  await expect.poll(async () => (await ask("Seven.", "refused")).cache).toBe("HIT");
  expect(edges.log.map((line) => line.fault)).toContain("a model's revision could not be recorded");
});
