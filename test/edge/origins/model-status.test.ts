import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Model, modelListSchema } from "../../../shared/answers.ts";
import { type Edges, startEdges } from "../../support/edge.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";

const silent = ["silent", "silent too", "as silent"] as const;

let one: FramesOrigin;
let other: FramesOrigin;
let edges: Edges<"both" | "merging" | (typeof silent)[number] | "unset">;

beforeAll(async () => {
  [one, other] = await Promise.all([startFramesOrigin(), startFramesOrigin()]);
  const ORIGIN_URLS = `${one.url},${other.url}`;
  const settings = { ORIGIN_URLS };
  edges = await startEdges({
    both: settings,
    merging: settings,
    silent: settings,
    "silent too": settings,
    "as silent": settings,
    unset: {},
  });
});

afterAll(async () => {
  await edges.close();
  await Promise.all([one.close(), other.close()]);
});

beforeEach(() => {
  one.models(null);
  other.models(null);
});

async function listed(edge: string, id = "tts-1"): Promise<Model | undefined> {
  const answer = await fetch(`${edge}/v1/audio/models`);
  expect(answer.status).toBe(200);
  return modelListSchema.parse(await answer.json()).data.find((model) => model.id === id);
}

function entry(id: string, status: Pick<Model, "loaded" | "engine">): Model {
  const fixed = {
    object: "model",
    created: 1,
    owned_by: "qwen3-tts",
    shutdown_date: null,
  } as const;
  return { id, ...fixed, resolved_model: id, voices: [], ...status };
}

const custom = "qwen3-tts-12hz-0.6b-custom-voice";
const design = "qwen3-tts-12hz-1.7b-voice-design";

test("a list says what an origin has said of its models, once it has", async () => {
  one.models([entry(custom, { loaded: true, engine: "qwen3" })]);

  const first = await listed(edges.urls.both);
  await expect.poll(() => listed(edges.urls.both)).toMatchObject({ loaded: true, engine: "qwen3" });

  expect(first).not.toHaveProperty("loaded");
  expect(await (await fetch(`${edges.urls.both}/v1/models/tts-1-es`)).json()).toMatchObject({
    engine: "qwen3",
  });
  expect(await listed(edges.urls.both, design)).not.toHaveProperty("engine");
});

test("of two origins the one with the better engine counts, and then the one that has it loaded", async () => {
  one.models([
    entry(custom, { loaded: true, engine: "builtin" }),
    entry(design, { loaded: false, engine: "qwen3" }),
  ]);
  other.models([
    entry(custom, { loaded: false, engine: "qwen3" }),
    entry(design, { loaded: true, engine: "qwen3" }),
  ]);
  const { merging } = edges.urls;

  await expect.poll(() => listed(merging)).toMatchObject({ loaded: false, engine: "qwen3" });
  expect(await listed(merging, design)).toMatchObject({ loaded: true, engine: "qwen3" });
});

test("a list waits for no origin, and none is needed", async () => {
  const waitedMs: number[] = [];
  for (const name of silent) {
    await fetch(`${edges.urls[name]}/v1/audio/voices`);
    const startedAt = performance.now();
    expect(await listed(edges.urls[name])).not.toHaveProperty("loaded");
    waitedMs.push(performance.now() - startedAt);
  }
  // Each would wait a second for an origin that says nothing; a busy machine holds up one or another.
  expect(Math.min(...waitedMs)).toBeLessThan(900);
  expect(await listed(edges.urls.unset)).not.toHaveProperty("loaded");
});
