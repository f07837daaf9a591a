import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SupervisedEngine } from "../../origin/engine/supervisor.ts";
import { defaultSeed, soundId } from "../../shared/identity.ts";
import type { ModelId } from "../../shared/models.ts";
import { speechRequestSchema } from "../../shared/speech-request.ts";
import { digest } from "../support/digest.ts";
import { sendSpeech, speech } from "../support/edge-speech.ts";
import { listen } from "../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../support/packs.ts";
import { receive } from "../support/sockets.ts";
import { askForFrames, hello, postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

const sound: ModelId = "qwen3-tts-12hz-0.6b-custom-voice";
const endless: ModelId = "qwen3-tts-12hz-1.7b-custom-voice";
const silent: ModelId = "qwen3-tts-12hz-1.7b-voice-design";
const stuck: ModelId = "qwen3-tts-12hz-1.7b-base";

const samplesPerFrame = 1920;
const short = { input: "hello world", response_format: "pcm" };
const long = { ...short, input: "hello world and all of you in this world" };

let models: TemporaryModels;
let system: TestSystem;

beforeAll(async () => {
  models = temporaryModels();
  await models.build("0.6b-custom-voice");
  await models.buildLost("endless", endless);
  await models.buildLost("silent", silent);
  await models.buildLost("stuck", stuck);
  system = await startSystem({
    MODELS_DIR: models.directory,
    ENGINE: "qwen3",
    ENGINE_THREADS: "1",
  });
});

afterAll(async () => {
  await system.close();
  models.remove();
});

function engine(model: ModelId): SupervisedEngine {
  const loaded = system.origin.engines.models.slotOf(model)?.engine;
  if (!loaded) throw new Error(`${model} is not loaded`);
  return loaded;
}

const ask = (fields: Record<string, unknown>) => askForFrames(system.origin.url, fields);

/** The seeds that a request without one is spoken with, and spoken again. */
async function seedsOf(fields: Record<string, unknown>): Promise<[number, number]> {
  const id = await soundId(speechRequestSchema.parse({ ...hello, ...fields }));
  return [await defaultSeed(id), await defaultSeed(id, 1)];
}

async function counted(name: string, model: ModelId): Promise<number> {
  const metrics = await (await fetch(`${system.origin.url}/metrics`)).text();
  const line = metrics.split("\n").find((line) => line.startsWith(name) && line.includes(model));
  return Number(line?.split(" ").at(-1) ?? 0);
}

describe("a model that never ends", () => {
  it.each([
    ["hello world", 57],
    ["你好。", 57],
    ["12", 68],
    ["a, b, c: 3 + 4", 116],
  ])("is cut at the ceiling, %j after %i frames", async (input, frames) => {
    const { end, audio } = await ask({ ...short, model: endless, input, seed: 1 });
    expect(end).toMatchObject({ finish: "length", frames, samples: frames * samplesPerFrame });
    expect(audio).toHaveLength(frames * samplesPerFrame * 2);
    // Ended by a fade, not by a click.
    expect(Math.abs(audio.readInt16LE(audio.length - 2))).toBeLessThan(150);
  });

  it("is asked once more where nobody has heard anything yet, with the next seed", async () => {
    const before = await Promise.all(
      ["tts_retried_segments_total", "tts_length_finishes_total"].map((name) =>
        counted(name, endless),
      ),
    );
    const [, second] = await seedsOf({ ...short, model: endless });

    const { answer, end } = await ask({ ...short, model: endless });

    expect(end).toMatchObject({ finish: "length", seed: second, frames: 57 });
    expect(answer.headers.get("x-seed")).toBe(String(second));
    expect(await counted("tts_retried_segments_total", endless)).toBe((before[0] ?? 0) + 1);
    expect(await counted("tts_length_finishes_total", endless)).toBe((before[1] ?? 0) + 1);
  });

  it("is not asked again for a take that was asked for, or that has been heard", async () => {
    const { utterances } = engine(endless).counters;
    const [first] = await seedsOf({ ...long, model: endless });
    expect((await ask({ ...short, model: endless, seed: 1 })).end.seed).toBe(1);
    expect((await ask({ ...long, model: endless })).end).toMatchObject({ seed: first, frames: 98 });
    expect(engine(endless).counters.utterances).toBe(utterances + 2);
  });

  it("is asked once more for a new take, too, but not for a seed that the client named", async () => {
    const fields = { ...short, model: endless, voice: "alloy" };
    const refresh = async (changes: object) => {
      const before = engine(endless).counters.utterances;
      const options = { headers: { "cache-control": "no-cache" } };
      const { status, headers, body } = await speech(
        system.url,
        { ...fields, ...changes },
        options,
      );
      expect(status).toBe(200);
      const utterances = engine(endless).counters.utterances - before;
      return { seed: Number(headers["x-seed"]), utterances, audio: digest(body) };
    };

    const fresh = await refresh({});
    expect(fresh.utterances).toBe(2);
    expect(await seedsOf(fields)).not.toContain(fresh.seed);
    expect((await refresh({})).seed).not.toBe(fresh.seed);

    const named = await refresh({ seed: fresh.seed });
    expect(named).toEqual({ ...fresh, utterances: 1 });
  });

  it("reaches the client of the edge as a whole file, and as events with their end", async () => {
    const fields = { ...short, model: endless };
    const [, second] = await seedsOf(fields);
    const file = await receive(await sendSpeech(system.url, { ...fields, voice: "alloy" }).head);
    expect(file).toMatchObject({ status: 200, ended: "complete" });
    expect(file.headers["x-seed"]).toBe(String(second));
    expect(file.body).toHaveLength(57 * samplesPerFrame * 2);

    const events = await postSpeech(system.url, { ...fields, stream_format: "sse" });
    expect(await events.text()).toMatch(/"type":"speech.audio.done"[^\n]*\n\n$/);
  });
});

describe("a model that falls silent", () => {
  it("is cut after 3 s, and what is over 1.2 s of it is not sent", async () => {
    const { end } = await ask({ ...short, model: silent, voice: undefined, seed: 1 });
    expect(end).toMatchObject({ finish: "length", frames: 15 });
  });

  it("is asked once more even for a long text, of whose silence nothing has been sent", async () => {
    const fields = { ...long, model: silent, voice: undefined };
    const [, second] = await seedsOf(fields);
    const { end, audio, answer } = await ask(fields);
    expect(end).toMatchObject({ finish: "length", frames: 15, seed: second });
    expect(answer.headers.get("x-seed")).toBe(String(second));
    expect(audio.every((byte) => byte === 0)).toBe(true);
  });
});

it("a model that is stuck is cut after 4 s, and what is over 2 s of it is not sent", async () => {
  const { pcm, end } = await listen(engine(stuck), { model: stuck, text: long.input, seed: 1 });
  expect(end.finish).toBe("length");
  expect(pcm).toHaveLength(25 * samplesPerFrame);
});

it("a take that fails is replaced by one that does not, always the same", async () => {
  for (let number = 0; ; number++) {
    // The text does not tell its language: the origin would tell the engine another than "auto".
    const fields = { ...short, input: `again ${number}`, language: "english" };
    const seeds = await seedsOf(fields);
    const finishes = seeds.map(async (seed) => {
      const utterance = { text: fields.input, speaker: "Vivian", language: "english" } as const;
      return (await listen(engine(sound), { ...utterance, seed, retryable: true })).end.finish;
    });
    if (String(await Promise.all(finishes)) !== "degenerate,stop") continue;

    const [first, second] = [await ask(fields), await ask(fields)];

    expect(first.end).toMatchObject({ finish: "stop", seed: seeds[1] });
    expect(second.end).toEqual(first.end);
    expect((await ask({ ...fields, seed: seeds[1] })).end).toEqual(first.end);
    const failed = await ask({ ...fields, seed: seeds[0] });
    expect(failed.end.seed).toBe(seeds[0]);
    expect(failed.end.sha256).not.toBe(first.end.sha256);
    return;
  }
});

describe("segmentation", () => {
  const input = "hello world and all of you. ".repeat(12);

  it.each([
    ["auto", 2],
    ["off", 1],
  ])("%s speaks a long text in %i parts", async (segmentation, parts) => {
    const { utterances } = engine(sound).counters;
    const { end } = await ask({ ...short, input, segmentation, seed: 1 });
    expect(end.frames).toBeGreaterThan(0);
    expect(engine(sound).counters.utterances).toBe(utterances + parts);
  });

  it("off refuses what does not fit, in numbers, before anything is sent", async () => {
    const answer = await postSpeech(system.url, {
      input: "abcd. ".repeat(600),
      segmentation: "off",
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: {
        param: "input",
        code: "context_length_exceeded",
        message: expect.stringMatching(
          /^input must fit in one context of 4096 positions when segmentation is off; its \d+ tokens, what goes before them, and the 8288 frames it may take to say are \d+$/,
        ),
      },
    });
  });

  it("leaves room for the instructions, up to their own limit", async () => {
    const answer = await postSpeech(system.url, { model: endless, instructions: "慢".repeat(500) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: {
        param: "instructions",
        message: "instructions must have at most 1024 tokens; they have 1505",
      },
    });
  });
});
