import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createEngines, type Engines } from "../../../origin/engine/engines.ts";
import { packRevision } from "../../../origin/engine/qwen3/pack-revision.ts";
import { createLogger } from "../../../origin/log.ts";
import { readManifest } from "../../../origin/model/pack/manifest.ts";
import { childWith } from "../../support/child-processes.ts";
import { failureOf, listen } from "../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../support/packs.ts";
import { patient } from "../../support/pools.ts";

const model = "qwen3-tts-12hz-0.6b-custom-voice";

let models: TemporaryModels;
let engines: Engines;

beforeEach(() => {
  models = temporaryModels();
});

afterEach(async () => {
  await engines.close();
  models.remove();
});

async function start(lookIntervalSeconds: number): Promise<void> {
  engines = createEngines({
    choice: "qwen3",
    modelsDirectory: models.directory,
    device: { device: "cpu", note: null, memoryBytes: null },
    modelMemoryBytes: 1e9,
    maxWaitSeconds: 60,
    lookIntervalSeconds,
    log: createLogger("silent"),
  });
  await engines.settled();
}

const soon = { timeout: 120_000 };

async function samplesOf(): Promise<number> {
  const { engine, release } = await engines.borrow(model, patient);
  const { pcm } = await listen(engine, { model, text: "hello world", speaker: "Ryan" });
  release();
  return pcm.length;
}

it("speaks with a model that was built after the start, as soon as it is asked for", async () => {
  await start(3600);
  expect(engines.notes.join()).toContain("no Qwen3 model installed");
  expect(engines.canSpeak).toBe(false);
  expect(await failureOf(engines.borrow(model, patient))).toMatchObject({
    status: 503,
    code: "model_not_loaded",
  });

  await models.build("0.6b-custom-voice");

  expect(await samplesOf()).toBeGreaterThan(0);
  expect([engines.canSpeak, engines.notes]).toEqual([true, []]);
});

it("loads a model that was built after the start before anybody asks", async () => {
  await start(0.1);
  await models.build("0.6b-custom-voice");
  await expect.poll(() => engines.answering(model), soon).toMatchObject({ loaded: true });
});

it("takes the newer pack of a loaded model once nobody uses it", async () => {
  const folder = await models.build("0.6b-custom-voice");
  await start(0.1);
  const { engine, release } = await engines.borrow(model, patient);
  const before = engine.revision(model);

  expect(await models.buildLost("endless", model)).toBe(folder);
  await expect
    .poll(() => engines.notes, soon)
    .toEqual([`the packs of ${model} have changed, and are taken once nobody uses it`]);
  expect(engines.answering(model)).toMatchObject({ loaded: true, revision: before });
  const { pcm } = await listen(engine, { model, text: "hello world", speaker: "Ryan" });
  expect(pcm.length).toBeGreaterThan(0);

  release();
  const after = packRevision(readManifest(folder), "cpu");
  expect(after).not.toEqual(before);
  await expect
    .poll(() => engines.answering(model), soon)
    .toEqual({ model, engine: "qwen3", loaded: true, revision: after });
  expect(engines.notes).toEqual([]);
  expect(engines.models.slots).toMatchObject([{ loads: 2, unloads: 1 }]);
});

it("lets a model go whose last pack was removed, and takes a repaired one at once", async () => {
  const folder = await models.build("0.6b-custom-voice");
  rmSync(`${folder}/codec.onnx`);
  await start(3600);
  expect(engines.answering(model)).toMatchObject({ loaded: false, revision: null });
  await models.build("0.6b-custom-voice");
  expect(await samplesOf()).toBeGreaterThan(0);

  rmSync(folder, { recursive: true });
  expect(await failureOf(engines.borrow("qwen3-tts-12hz-0.6b-base", patient))).toMatchObject({
    code: "model_not_loaded",
  });
  expect(engines.answering(model)).toMatchObject({ engine: null });
  expect(engines.models.slots).toEqual([]);
});

it("does not load again what a process that died was started again with", async () => {
  const folder = await models.build("0.6b-custom-voice");
  await start(0.1);
  const { engine, release } = await engines.borrow(model, patient);
  await models.buildLost("endless", model);
  await expect.poll(() => engines.notes.join(), soon).toContain("have changed");

  process.kill(childWith("qwen3/child.ts"), "SIGKILL");
  await expect.poll(() => engines.notes, soon).toEqual([]);
  release();
  expect(engine.revision(model)).toEqual(packRevision(readManifest(folder), "cpu"));
  expect(await samplesOf()).toBeGreaterThan(0);
  expect(engines.models.slots).toMatchObject([{ loads: 1, unloads: 0 }]);
});

it("takes a pack that is back at once, though a process that died without it is to be started again later", async () => {
  const folder = await models.build("0.6b-custom-voice");
  const away = join(models.directory, ".away");
  await start(3600);
  const before = engines.models.slotOf(model)?.engine;
  if (!before) throw new Error("the model is loaded");
  renameSync(folder, away);
  process.kill(childWith("qwen3/child.ts"), "SIGKILL");
  await expect.poll(() => before.crashes.nextStartSeconds, soon).toBeGreaterThan(5);
  // Whoever asks meanwhile has the origin see that it is gone.
  await failureOf(engines.borrow(model, AbortSignal.abort()));
  const { restarts } = before.counters;
  // Whoever waits already is not sent away by the change.
  const waiting = samplesOf();

  renameSync(away, folder);
  expect(await samplesOf()).toBeGreaterThan(0);
  expect(await waiting).toBeGreaterThan(0);
  expect(before.counters.restarts).toBe(restarts);
  expect(engines.models.slotOf(model)).toMatchObject({ state: "ready", isOutdated: false });
});
