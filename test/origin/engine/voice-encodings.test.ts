import { afterEach, describe, expect, it } from "vitest";
import {
  createSupervisedEngine,
  type SupervisedEngine,
} from "../../../origin/engine/supervisor.ts";
import { failureOf, listen } from "../../support/listening.ts";

const base = "qwen3-tts-12hz-0.6b-base";
const engines: SupervisedEngine[] = [];
const patient = new AbortController().signal;

/** What becomes of a recording, by its first sample: see the process. */
const [waits, dies, refused] = [-1, -2, -3].map((order) => Float32Array.of(order)) as [
  Float32Array<ArrayBuffer>,
  Float32Array<ArrayBuffer>,
  Float32Array<ArrayBuffer>,
];

async function createReady(): Promise<SupervisedEngine> {
  const engine = createSupervisedEngine({
    name: "qwen3",
    module: new URL("../../support/tone-engine-child.ts", import.meta.url),
    restartDelaysSeconds: [0, 0, 0, 0],
  });
  engines.push(engine);
  await engine.started();
  return engine;
}

function encode(
  engine: SupervisedEngine,
  samples: Float32Array,
  {
    withCodes = false,
    signal = patient,
    model = base as Parameters<SupervisedEngine["revision"]>[0],
  } = {},
) {
  if (!engine.encodeVoice) throw new Error("a supervised engine asks its process");
  return engine.encodeVoice(model, { samples, withCodes }, signal);
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

describe("a voice encoded by an engine's process", () => {
  it("comes back whole, beside others and while the process speaks", async () => {
    const engine = await createReady();

    const [first, second, { pcm }] = await Promise.all([
      encode(engine, Float32Array.of(0.5, 0.25), { withCodes: true }),
      encode(engine, Float32Array.of(0.125)),
      listen(engine, { text: "tone 3" }),
    ]);

    expect(first).toEqual({
      xVector: Float32Array.of(0.5, 0.25),
      codes: Uint16Array.of(0),
      frames: 1,
      encoder: "tone",
    });
    expect(second).toMatchObject({ xVector: Float32Array.of(0.125), codes: null, frames: 0 });
    expect(pcm).toHaveLength(3 * 1920);
  });

  it("is no longer worked on once nobody waits for it", async () => {
    const engine = await createReady();
    const leaving = new AbortController();
    const left = encode(engine, waits, { signal: leaving.signal });

    leaving.abort(new Error("left"));

    expect(await failureOf(left)).toEqual(new Error("left"));
    // The process counts those that it stopped.
    const { codes } = await encode(engine, Float32Array.of(0), { withCodes: true });
    expect(codes).toEqual(Uint16Array.of(1));
  });

  it("is refused by the process in its own words", async () => {
    const engine = await createReady();

    expect(await failureOf(encode(engine, refused))).toMatchObject({
      status: 400,
      code: "too_short",
      param: "recording",
    });
  });

  it("is 500 when the process dies of it, and is not tried a third time", async () => {
    const engine = await createReady();

    for (let time = 0; time < 2; time++) {
      expect(await failureOf(encode(engine, dies))).toMatchObject({ status: 500 });
      await engine.started();
    }

    const again = await failureOf(encode(engine, dies));
    expect(again).toMatchObject({ status: 400, code: "stops_engine", param: "recording" });
    expect(await encode(engine, Float32Array.of(1))).toMatchObject({ encoder: "tone" });
  });

  it("is 503 when the engine is closed, also one under way", async () => {
    const engine = await createReady();
    const underWay = failureOf(encode(engine, waits));

    await engine.close();

    expect(await underWay).toMatchObject({ status: 503, code: "engine_closed" });
    expect(await failureOf(encode(engine, waits))).toMatchObject({ status: 503 });
  });

  it("is 400 with a model that the engine has no encoders for", async () => {
    const engine = await createReady();

    const failure = encode(engine, waits, { model: "qwen3-tts-12hz-1.7b-voice-design" });

    expect(await failureOf(failure)).toMatchObject({
      status: 400,
      code: "no_voice_encoder",
      param: "model",
    });
  });
});
