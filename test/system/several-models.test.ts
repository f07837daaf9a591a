import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { describeEngines } from "../../origin/engine/describe.ts";
import type { Origin } from "../../origin/http/server.ts";
import { modelListSchema } from "../../shared/answers.ts";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { spokenModelsSchema } from "../../shared/model-revision.ts";
import { sendSpeech } from "../support/edge-speech.ts";
import { type TemporaryModels, temporaryModels } from "../support/packs.ts";
import { engineProcesses } from "../support/pools.ts";
import { askForFrames, postSpeech } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";

const small = "qwen3-tts-12hz-0.6b-custom-voice";
const large = "qwen3-tts-12hz-1.7b-custom-voice";
const design = "qwen3-tts-12hz-1.7b-voice-design";

/** A process of a tiny model takes some 150 MB; a quarter of what is set is for keys and values. */
const [oneModel, twoModels] = ["0.28", "0.5"];

let models: TemporaryModels;
let origin: Origin;

beforeAll(async () => {
  models = temporaryModels();
  for (const name of ["0.6b-custom-voice", "1.7b-custom-voice", "1.7b-voice-design"]) {
    await models.build(name);
  }
});

afterEach(async () => {
  await origin.close();
  expect(engineProcesses()).toEqual([]);
});

afterAll(() => models.remove());

async function start(environment: Record<string, string>): Promise<void> {
  origin = await startTestOrigin({
    MODELS_DIR: models.directory,
    ENGINE: "qwen3",
    ENGINE_THREADS: "1",
    ...environment,
  });
}

const say = (fields: Record<string, unknown>) =>
  postSpeech(origin.url, { input: "hello world", seed: 1, response_format: "pcm", ...fields });

/** The ids of the list that are loaded. */
async function loaded(): Promise<string[]> {
  const answer = await fetch(`${origin.url}/v1/audio/models`);
  const { data } = modelListSchema.parse(await answer.json());
  expect(data.every(({ loaded }) => typeof loaded === "boolean")).toBe(true);
  return data.filter((model) => model.loaded).map(({ id }) => id);
}

it("speaks with two models by turns where there is room for one, and says which is loaded", async () => {
  await start({ MODEL_MEMORY_GB: oneModel });
  expect(await loaded()).toEqual(["tts-1", small]);
  expect(describeEngines(origin.engines)).toMatch(
    new RegExp(`^engine: qwen3 \\(cpu, ${small}, .*${design} unloaded`),
  );
  const takes: Buffer[] = [];
  for (const model of ["tts-1", "tts-1-hd", "tts-1"]) {
    const answer = await say({ model });
    expect(answer.headers.get("x-engine")).toBe("qwen3");
    takes.push(Buffer.from(await answer.arrayBuffer()));
    expect(engineProcesses()).toHaveLength(1);
  }
  expect(takes[2]?.equals(takes[0] ?? Buffer.of())).toBe(true);
  expect(await loaded()).toEqual(["tts-1", small]);

  const one = await fetch(`${origin.url}/v1/models/tts-1-hd-es`);
  expect(await one.json()).toMatchObject({ loaded: false, engine: "qwen3" });
  const base = await fetch(`${origin.url}/v1/models/qwen3-tts-12hz-0.6b-base`);
  expect(await base.json()).toMatchObject({ loaded: false, engine: null });
  const metrics = await (await fetch(`${origin.url}/metrics`)).text();
  expect(metrics).toContain(`tts_model_loaded{model="${small}"} 1`);
  expect(metrics).toContain(`tts_model_loads_total{model="${small}"} 2`);
  expect(metrics).toContain(`tts_model_unloads_total{model="${large}"} 1`);
  const health = await (await fetch(`${origin.url}/health`)).json();
  expect(health).toMatchObject({
    engines: expect.arrayContaining([
      expect.objectContaining({ model: small, state: "ready", device: "cpu", users: 0 }),
      expect.objectContaining({ model: design, state: "unloaded" }),
    ]),
    memory: { model_limit_bytes: 210e6, key_value_bytes: 0, key_value_limit_bytes: 70e6 },
  });
});

it("tells the revision of each model, loaded or not: the one that its process then speaks", async () => {
  await start({ MODEL_MEMORY_GB: oneModel });
  const told = async () =>
    z
      .object({ models: spokenModelsSchema })
      .parse(await (await fetch(`${origin.url}/health`)).json()).models;

  const before = await told();
  const spoken = new Map<string, object>();
  for (const model of [small, large, design]) {
    const voice = model === design ? undefined : "alloy";
    const { end } = await askForFrames(origin.url, { model, voice, response_format: "pcm" });
    const { engine, revision, released_at, variant } = end;
    expect(variant).toBe("float32 cpu");
    spoken.set(model, { engine, revision, released_at, variant });
    const one = await fetch(`${origin.url}/v1/models/${model}`);
    expect(await one.json()).toMatchObject({ loaded: true, revision });
  }

  expect(before).toEqual(Object.fromEntries(spoken));
  expect(await told()).toEqual(before);
  expect(new Set(Object.values(before).map(({ revision }) => revision)).size).toBe(3);
  const unloaded = await fetch(`${origin.url}/v1/models/${small}`);
  expect(await unloaded.json()).toMatchObject({ loaded: false, revision: before[small]?.revision });
  const absent = await fetch(`${origin.url}/v1/models/qwen3-tts-12hz-0.6b-base`);
  expect(await absent.json()).toMatchObject({ engine: null, revision: null });
});

it("frees the place of who leaves while his model is loaded, which goes on, and has it say nothing", async () => {
  await start({ MODEL_MEMORY_GB: oneModel });
  const slot = origin.engines.models.slots.find(({ model }) => model === large);
  const asked = sendSpeech(origin.url, { model: "tts-1-hd" });
  await expect.poll(() => slot?.state, { interval: 1 }).toBe("loading");
  expect(slot?.users).toBe(1);

  asked.reset();

  await expect.poll(() => slot?.users, { interval: 1 }).toBe(0);
  expect(slot?.state).toBe("loading");
  const metrics = await (await fetch(`${origin.url}/metrics`)).text();
  expect(metrics).toMatch(/^tts_active_streams 0$/m);
  await expect.poll(() => slot?.state).toBe("ready");
  expect(slot?.engine?.counters).toMatchObject({ utterances: 0, chunks: 0 });
  expect((await say({ model: "tts-1-hd" })).status).toBe(200);
});

it.each(["qwen3", "auto"])(
  "refuses models that no memory could hold, and says so (%s)",
  async (engine) => {
    await start({ MODEL_MEMORY_GB: "0.1", ENGINE: engine });
    const reason = `${small} needs about 0.2 GB and models may take 0.1: see MODEL_MEMORY_GB`;
    const answer = await say({});
    expect(answer.status).toBe(503);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(await errorOf(answer)).toMatchObject({
      code: "model_not_loaded",
      message: `${reason}.`,
    });
    expect(origin.engines.notes).toContain(reason);
    expect(await loaded()).not.toContain(small);
  },
);

describe("while a model speaks,", () => {
  const long = { model: "tts-1", input: "hello world and all of you. ".repeat(146) };

  /** The beginning of a stream, as long as `goesOn` says of what has come; the rest is left unread. */
  async function beginning(
    { body }: Response,
    goesOn: (bytes: number) => boolean,
  ): Promise<{ audio: Buffer; arrivals: number[] }> {
    const parts: Uint8Array[] = [];
    const arrivals: number[] = [];
    let bytes = 0;
    for await (const part of body ?? []) {
      parts.push(part);
      arrivals.push(performance.now());
      bytes += part.byteLength;
      if (!goesOn(bytes)) break;
    }
    return { audio: Buffer.concat(parts), arrivals };
  }

  it("another is loaded and changes nothing of its stream, nor holds it up", async () => {
    await start({ MODEL_MEMORY_GB: twoModels });
    const other = origin.engines.models.slots.find(({ state }) => state === "unloaded")?.model;
    const stream = await say(long);

    const from = performance.now();
    let to: number | undefined;
    const voice = other === design ? undefined : "alloy";
    const answered = say({ model: other, voice }).then(async (answer) => {
      to = performance.now();
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    });
    const { audio, arrivals } = await beginning(stream, () => to === undefined);
    await answered;

    const tenth = ((to ?? 0) - from) / 10;
    const tenthsHeard = new Set(arrivals.map((at) => Math.floor((at - from) / tenth)));
    // Whatever else runs on the machine may silence some; of a stream that is held up only the edges are heard.
    expect([...tenthsHeard].filter((index) => index >= 0 && index < 10).length).toBeGreaterThan(3);
    const alone = await beginning(await say(long), (bytes) => bytes < audio.byteLength);
    expect(alone.audio.subarray(0, audio.byteLength).equals(audio)).toBe(true);
  });

  it("no other takes its place, nor may more be promised than there is memory for", async () => {
    await start({ MODEL_MEMORY_GB: oneModel, KV_MEMORY_GB: "0.001", MAX_WAIT_SECONDS: "1" });
    const stream = await say(long);

    const other = await say({ model: "tts-1-hd" });
    expect(other.status).toBe(503);
    expect(Number(other.headers.get("retry-after"))).toBeGreaterThan(1);
    expect(await errorOf(other)).toMatchObject({
      code: "model_not_loaded",
      message: `${large} is not loaded, and the models in its place are in use.`,
    });

    const same = await say({ model: "tts-1" });
    expect(same.status).toBe(503);
    expect(same.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    expect(await errorOf(same)).toMatchObject({
      code: "server_is_overloaded",
      message: "The streams under way leave too little memory for this text.",
    });
    await stream.body?.cancel();
  });
});

async function errorOf(answer: Response) {
  return errorEnvelopeSchema.parse(await answer.json()).error;
}
