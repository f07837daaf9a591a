import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EngineChoice } from "../../../origin/engine/choice.ts";
import { createEngines, type Engines } from "../../../origin/engine/engines.ts";
import { packRevision } from "../../../origin/engine/qwen3/pack-revision.ts";
import { createLogger } from "../../../origin/log.ts";
import { readManifest } from "../../../origin/model/pack/manifest.ts";
import { failureOf, listen } from "../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../support/packs.ts";
import { patient } from "../../support/pools.ts";

const model = "qwen3-tts-12hz-0.6b-custom-voice";

let models: TemporaryModels;
let engines: Engines | undefined;

beforeEach(() => {
  models = temporaryModels();
});

afterEach(async () => {
  await engines?.close();
  models.remove();
});

async function start(choice: EngineChoice, retryIntervalSeconds = 60): Promise<Engines> {
  engines = createEngines({
    choice,
    modelsDirectory: models.directory,
    device: { device: "cpu", note: null, memoryBytes: null },
    modelMemoryBytes: 1e9,
    maxWaitSeconds: 20,
    retryIntervalSeconds,
    log: createLogger("silent"),
  });
  await engines.settled();
  return engines;
}

const canSpeak = (engines: Engines) => expect.poll(() => engines.canSpeak).toBe(true);

it("speaks with a model whose damaged pack was replaced, a while after it could not be loaded", async () => {
  const folder = await models.build("0.6b-custom-voice");
  truncateSync(join(folder, "codec.onnx"), 100);
  const engines = await start("qwen3", 1);
  expect(engines.canSpeak).toBe(false);
  expect(engines.answering(model)).toEqual({
    model,
    engine: "qwen3",
    loaded: false,
    revision: null,
  });
  const { engine, release } = await engines.borrow(model, patient);
  expect(await failureOf(listen(engine, {}))).toMatchObject({ status: 503, code: "engine_failed" });
  release();

  expect(await models.buildLost("endless", model)).toBe(folder);
  await canSpeak(engines);
  const lease = await engines.borrow(model, patient);
  const { pcm } = await listen(lease.engine, { text: "hello world", speaker: "Ryan" });
  expect(pcm.length).toBeGreaterThan(0);
  const revision = lease.engine.revision(model);
  expect(engines.answering(model)).toEqual({ model, engine: "qwen3", loaded: true, revision });
  const slot = engines.models.slotOf(model);
  await slot?.unload();
  expect(slot).toMatchObject({ state: "unloaded", loads: 1, revision });
});

it("speaks with an older pack while the newest one is damaged", async () => {
  const older = await models.build("0.6b-custom-voice", "int8");
  const newer = await models.build("0.6b-custom-voice", "float32");
  const path = join(newer, "pack.json");
  const manifest = readManifest(newer);
  writeFileSync(path, JSON.stringify({ ...manifest, built_at: manifest.built_at + 60 }));
  truncateSync(join(newer, "codec.onnx"), 100);

  const engines = await start("auto");

  expect(engines.canSpeak).toBe(true);
  expect(engines.answering(model)).toEqual({
    model,
    engine: "qwen3",
    loaded: true,
    revision: packRevision(readManifest(older), "cpu"),
  });
  const lease = await engines.borrow(model, patient);
  const { pcm } = await listen(lease.engine, { model, text: "hello world", speaker: "Ryan" });
  expect(pcm.length).toBeGreaterThan(0);
  expect(engines.models.slots).toMatchObject([{ state: "ready", loads: 1 }]);
});

it("is not ready while no installed model can be loaded, whatever stands in for others", async () => {
  const folder = await models.build("0.6b-custom-voice");
  truncateSync(join(folder, "codec.onnx"), 100);
  const engines = await start("auto");
  expect(engines.builtin?.state()).toBe("ready");
  expect(engines.models.slots).toMatchObject([{ state: "failed" }]);
  expect(engines.canSpeak).toBe(false);
});

it("tries the builtin engine again for a request, a while after it could not be started", async () => {
  process.env.BUILTIN_PACE = "never";
  const engines = await start("builtin", 1).finally(() => delete process.env.BUILTIN_PACE);
  expect(engines.canSpeak).toBe(false);
  await engines.borrow(model, patient);
  expect(engines.builtin?.state()).toBe("failed");

  await canSpeak(engines);
  await engines.borrow(model, patient);
  expect(engines.builtin).toMatchObject({ mayTryAgain: false, counters: { restarts: 1 } });
  expect(engines.builtin?.state()).toBe("starting");
});

it("has nothing stand in for a model that clones voices, which would be somebody else's", async () => {
  const base = "qwen3-tts-12hz-0.6b-base";
  const absent = { model: base, engine: null, loaded: false, revision: null };
  const alone = await start("auto");
  expect(alone.builtin?.state()).toBe("ready");
  expect(alone.answering(base)).toEqual(absent);
  expect(await failureOf(alone.borrow(base, patient))).toMatchObject({
    status: 503,
    code: "model_not_loaded",
    message: `No engine here speaks ${base}.`,
  });

  const other = "qwen3-tts-12hz-1.7b-base";
  await models.buildAs("0.6b-base", other);
  expect(await failureOf(alone.borrow(base, patient))).toMatchObject({
    code: "model_not_loaded",
    message: `No engine here speaks ${base}; ${other} clones voices here.`,
  });
  expect(alone.spokenWith(base)).toBe(base);
  expect(alone.answering(base)).toEqual(absent);
  expect(alone.answering(other)).toMatchObject({ model: other, engine: "qwen3" });
});
