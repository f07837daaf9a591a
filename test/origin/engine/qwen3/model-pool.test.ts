// Processes of the tone engine stand for models here: what matters is when they are started and ended.
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import type { ModelPoolOptions } from "../../../../origin/engine/qwen3/model-pool.ts";
import { estimateCost } from "../../../../origin/engine/qwen3/pack-cost.ts";
import {
  createSupervisedEngine,
  type SupervisedEngine,
  type SupervisorOptions,
} from "../../../../origin/engine/supervisor.ts";
import type { ServedPack } from "../../../../origin/model/pack/installed-packs.ts";
import type { ModelId } from "../../../../shared/models.ts";
import { begin, failureOf, listen } from "../../../support/listening.ts";
import { createTestPool, engineProcesses, patient, type TestPool } from "../../../support/pools.ts";

/** For one that was not loaded before, which counts as the 150 MB of an empty pack. */
const roomForOne = 151e6;

let pool: TestPool;

afterEach(async () => {
  await pool.close();
  expect(engineProcesses()).toEqual([]);
});

function packOf(model: ModelId, bytes = 0): ServedPack {
  const digest = "0".repeat(64);
  return {
    folder: model,
    manifest: {
      format: 2,
      tool: "a test",
      model,
      precision: "int8",
      source: { folder: "nowhere", sha256: digest },
      built_at: 0,
      shapes: {
        hidden_size: 1,
        layers: 1,
        codebooks: 1,
        sample_rate: 24_000,
        samples_per_frame: 1,
      },
      files: { data: { bytes, sha256: digest } },
    },
  };
}

function createPool(
  env: Record<string, string> = {},
  options: Partial<ModelPoolOptions> = {},
): TestPool {
  pool = createTestPool({
    packs: [packOf("qwen3-tts-12hz-0.6b-base"), packOf("qwen3-tts-12hz-1.7b-base")],
    limitBytes: roomForOne,
    startEngine: () => startEngine(env),
    ...options,
  });
  return pool;
}

function startEngine(
  env: Record<string, string>,
  options: Partial<SupervisorOptions> = {},
): SupervisedEngine {
  return createSupervisedEngine({
    name: "qwen3",
    module: new URL("../../../support/tone-engine-child.ts", import.meta.url),
    env,
    ...options,
  });
}

it("loads a model once for all who ask for it at the same time", async () => {
  const { a, borrow } = createPool();
  const leases = await Promise.all([1, 2, 3].map(() => borrow(a, patient)));
  expect(new Set(leases.map(({ engine }) => engine)).size).toBe(1);
  expect(a).toMatchObject({ state: "ready", loads: 1, users: 3 });
  for (const { release } of leases) release();
  expect(a).toMatchObject({ users: 0, isUnused: true });
});

it("puts another model in the place of an unused one, whose process is gone before", async () => {
  const { a, b, borrow, processesAtStarts } = createPool();
  (await borrow(a, patient)).release();
  const lease = await borrow(b, patient);
  expect([a.state, b.state]).toEqual(["unloaded", "ready"]);
  expect((await listen(lease.engine, { text: "tone 3" })).chunks).toHaveLength(3);
  expect(processesAtStarts).toEqual([1, 1]);
  expect(a.unloads).toBe(1);
});

it("never unloads a model in use, and loads the one that is waited for once it is free", async () => {
  const { a, b, borrow } = createPool();
  const first = await borrow(a, patient);
  const audio = begin(first.engine, { text: "slow 20" });
  await audio.next();

  let isThere = false;
  const second = borrow(b, patient).then((lease) => {
    isThere = true;
    return lease;
  });
  let chunks = 1;
  while (!(await audio.next()).done) chunks++;
  expect(chunks).toBe(20);
  expect([a.state, b.state, isThere]).toEqual(["ready", "unloaded", false]);

  first.release();
  await second;
  expect([a.state, b.state]).toEqual(["unloaded", "ready"]);
});

it("sends away who waits too long, saying when to come back, and goes on loading", async () => {
  const { a, borrow } = createPool({ START_SECONDS: "1" }, { maxWaitSeconds: 0.2 });
  expect(await failureOf(borrow(a, patient))).toMatchObject({
    status: 503,
    code: "model_not_loaded",
    message: "qwen3-tts-12hz-0.6b-base is being loaded.",
    headers: { "retry-after": "1" },
  });
  expect(a.state).toBe("loading");
  await expect.poll(() => a.state).toBe("ready");
  expect(a).toMatchObject({ loads: 1, isUnused: false });
});

it("does not load what nobody waits for any more", async () => {
  const { a, b, borrow, processesAtStarts } = createPool();
  const first = await borrow(a, patient);
  const leaving = new AbortController();
  const waiting = failureOf(borrow(b, leaving.signal));
  leaving.abort(new Error("gone"));
  expect(await waiting).toEqual(new Error("gone"));
  first.release();
  await delay(50);
  expect([a.state, b.state]).toEqual(["ready", "unloaded"]);
  expect(processesAtStarts).toHaveLength(1);
});

it("waits for the replacement of a process that dies while it loads, or later", async () => {
  const { a, borrow } = createPool({ START_SECONDS: "0.3" });
  const loading = borrow(a, patient);
  await expect.poll(engineProcesses).toHaveLength(1);
  for (const id of engineProcesses()) process.kill(id, "SIGKILL");
  const { engine, release } = await loading;
  release();
  expect(engine.counters.restarts).toBe(1);

  for (const id of engineProcesses()) process.kill(id, "SIGKILL");
  await expect.poll(() => a.state).toBe("loading");
  const again = await borrow(a, patient);
  expect((await listen(again.engine, { text: "tone 2" })).chunks).toHaveLength(2);
});

it("lends a model that cannot be loaded, which says so itself, and gives its memory to others", async () => {
  const { a, borrow, room } = createPool({ START_ERROR: "the pack is broken" });
  const { engine } = await borrow(a, patient);
  expect(await failureOf(listen(engine, {}))).toMatchObject({ status: 503, code: "engine_failed" });
  expect(a.state).toBe("failed");
  expect(room.usedBytes).toBe(0);
});

it("loads a model again a while after it could not be, once for all, and in no place that is in use", async () => {
  const env: Record<string, string> = { START_ERROR: "the pack is broken" };
  const { a, b, borrow } = createPool(env, {
    startEngine: () => startEngine(env, { retryIntervalSeconds: 1 }),
  });
  const first = await borrow(a, patient);
  first.release();
  const again = await borrow(a, patient);
  again.release();
  expect([a.state, a.isLoadable, again.engine.counters.restarts]).toEqual(["failed", false, 0]);

  delete env.START_ERROR;
  const other = await borrow(b, patient);
  await expect.poll(() => a.isLoadable).toBe(true);
  const waiting = [1, 2].map(() => borrow(a, patient));
  await delay(50);
  expect([a.state, b.state]).toEqual(["failed", "ready"]);

  other.release();
  const [lease] = await Promise.all(waiting);
  expect([a.state, a.loads, b.state]).toEqual(["ready", 1, "unloaded"]);
  expect(lease?.engine.counters.restarts).toBe(1);
});

it("loads what fits before anybody asks, and of that unloads the last first", async () => {
  const models = ["0.6b-base", "0.6b-custom-voice", "1.7b-base"] as const;
  // The third needs 201 MB, and does not fit beside both of the others.
  const packs = models.map((name, index) =>
    packOf(`qwen3-tts-12hz-${name}`, index === 2 ? 34e6 : 0),
  );
  // That the second is ready later is no use of it.
  const startSlowly = (folder: string) =>
    startEngine({ START_SECONDS: folder === packs[1]?.folder ? "0.5" : "0" });
  const { slots, room, preload, borrow } = createPool(
    {},
    { packs, limitBytes: 301e6, startEngine: startSlowly },
  );
  const states = () => slots.map(({ state }) => state);
  const [first, second, third] = slots;
  if (!first || !second || !third) throw new Error("the pool has no third model");
  await preload();
  expect(states()).toEqual(["ready", "ready", "unloaded"]);
  expect(room.usedBytes).toBe(first.memoryBytes + second.memoryBytes);
  await borrow(third, patient);
  expect(states()).toEqual(["ready", "unloaded", "ready"]);
});

it("counts what a model keeps once it has spoken, and makes room for it", async () => {
  const { a, b, borrow, room } = createPool({}, { limitBytes: 350e6 });
  (await borrow(a, patient)).release();
  const lease = await borrow(b, patient);
  const loaded = b.memoryBytes;
  expect([a.state, b.state]).toEqual(["ready", "ready"]);

  await listen(lease.engine, { text: "keep 300" });
  await expect.poll(() => b.memoryBytes).toBeGreaterThan(loaded + 250e6);
  lease.release();
  expect([a.state, b.state]).toEqual(["unloaded", "ready"]);
  expect(room.usedBytes).toBeLessThanOrEqual(350e6);

  // It is known from then on, so that neither is loaded only to be unloaded.
  await b.unload();
  expect(b.memoryBytes).toBeGreaterThan(loaded + 250e6);
  (await borrow(b, patient)).release();
  expect(b.memoryBytes).toBeGreaterThan(loaded + 250e6);
});

it("expects of a model what its self-test took, speaking included, before it is loaded", () => {
  const { manifest } = packOf("qwen3-tts-12hz-0.6b-base", 1e9);
  const guess = estimateCost(manifest).memoryBytes;
  expect(guess).toBeGreaterThan(1.3e9 + 150e6);
  const self_test = {
    ...{ problem: null, onnxruntime: "1", processor: "one", threads: 1, sentences: [] },
    ...{ milliseconds_per_frame: 1, peak_resident_bytes: 5e9 },
    loading: { seconds: 3, resident_bytes: 1e9 },
  };
  expect(estimateCost({ ...manifest, self_test })).toEqual({ memoryBytes: 1.2e9, seconds: 3 });
  const spoken = { ...self_test, speaking_resident_bytes: 1.5e9 };
  expect(estimateCost({ ...manifest, self_test: spoken }).memoryBytes).toBe(1.5e9);
});

it("leaves no process behind when it is closed while a model is loaded and another is waited for", async () => {
  const { a, b, borrow, close } = createPool({ START_SECONDS: "1" });
  const waiting = [borrow(a, patient), borrow(b, patient)].map((lease) =>
    failureOf(lease.then(({ engine }) => listen(engine, {}))),
  );
  await expect.poll(engineProcesses).toHaveLength(1);
  await close();
  expect(await Promise.all(waiting)).toMatchObject([
    { status: 503 },
    { status: 503, code: "server_stopping" },
  ]);
});
