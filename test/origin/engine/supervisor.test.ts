import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createSupervisedEngine,
  type SupervisedEngine,
  type SupervisorOptions,
} from "../../../origin/engine/supervisor.ts";
import { runner } from "../../../origin/process/programs.ts";
import type { ApiError } from "../../../shared/api-error.ts";
import { childrenOf, isRunning } from "../../support/child-processes.ts";
import { begin, failureOf, listen } from "../../support/listening.ts";

const engines: SupervisedEngine[] = [];

function create(options: Partial<SupervisorOptions> = {}): SupervisedEngine {
  const engine = createSupervisedEngine({
    name: "builtin",
    module: new URL("../../support/tone-engine-child.ts", import.meta.url),
    ...options,
  });
  engines.push(engine);
  return engine;
}

async function createReady(options: Partial<SupervisorOptions> = {}) {
  const engine = create(options);
  await engine.started();
  return engine;
}

/** Only this file's engines have children here, and most tests have one engine. */
function child(): number {
  const [pid] = childrenOf(process.pid).filter(isRunning).slice(-1);
  if (pid === undefined) throw new Error("there is no engine process");
  return pid;
}

const isReady = (engine: SupervisedEngine) => expect.poll(() => engine.state());

const mayTryAgain = (engine: SupervisedEngine) => expect.poll(() => engine.mayTryAgain).toBe(true);

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

describe("an engine in a process of its own", () => {
  it("knows what the process announced, and answers 503 before", async () => {
    const engine = create({ env: { START_SECONDS: "0.2" } });
    const notReady = { status: 503, code: "engine_not_ready", headers: { "retry-after": "5" } };

    expect(engine.state()).toBe("starting");
    expect(() => engine.sampleRate).toThrow(expect.objectContaining(notReady));
    expect(await failureOf(begin(engine, {}).next())).toMatchObject(notReady);

    await engine.started();
    expect(engine.state()).toBe("ready");
    expect(engine.sampleRate).toBe(24_000);
    expect(engine.ignoredFields).toEqual(["seed"]);
    expect(engine.revision("qwen3-tts-12hz-0.6b-base")).toEqual({
      revision: "0123456789abcdef",
      releasedAt: 1_700_000_000,
    });
    expect(() => engine.revision("qwen3-tts-12hz-1.7b-voice-design")).toThrow(
      expect.objectContaining({ status: 503, code: "model_not_loaded" }),
    );
  });

  it("gives the process no variables but those it needs and is given", async () => {
    process.env.ORIGIN_TOKEN = "secret";
    const engine = await createReady({ env: { START_SECONDS: "0" } });
    delete process.env.ORIGIN_TOKEN;

    const { message } = (await failureOf(listen(engine, { text: "tell-variables" }))) as Error;

    expect(message.split(" ")).toEqual(expect.arrayContaining(["PATH", "START_SECONDS"]));
    expect(message).not.toContain("ORIGIN_TOKEN");
    expect(message).not.toContain("NODE_OPTIONS");
  });
});

describe("a process that dies or hangs", () => {
  it("fails its utterances and is replaced", async () => {
    const engine = await createReady();
    const running = begin(engine, { text: "tone 1000000" });
    await running.next();

    process.kill(child(), "SIGKILL");

    const failure = await failureOf(
      (async () => {
        for (;;) await running.next();
      })(),
    );
    expect(failure).toMatchObject({
      status: 500,
      message: "The engine stopped while it spoke.",
      cause: new Error("it was ended by SIGKILL"),
    });
    expect(await failureOf(listen(engine, { text: "tone 3" }))).toMatchObject({
      status: 503,
      code: "engine_not_ready",
    });
    await isReady(engine).toBe("ready");
    expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
    expect(engine.counters.restarts).toBe(1);
  });

  it("is replaced when it does not answer", async () => {
    const engine = await createReady({ hangLimitSeconds: 1.5 });
    const hung = child();
    process.kill(hung, "SIGSTOP");

    expect(await failureOf(listen(engine, { text: "tone 3" }))).toMatchObject({
      status: 500,
      cause: new Error("it did not answer for 1.5 seconds"),
    });
    expect(isRunning(hung)).toBe(false);
    await isReady(engine).toBe("ready");
    expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
  });

  it("is replaced when one of its threads does not answer", async () => {
    const engine = await createReady({ hangLimitSeconds: 1.5 });
    const hung = child();
    await listen(engine, { text: "hang-thread" });

    await vi.waitFor(() => expect(engine.counters.restarts).toBe(1), 20_000);
    expect(isRunning(hung)).toBe(false);
    await isReady(engine).toBe("ready");
  });

  it("is spared newcomers while it does not answer, where its calls are short", async () => {
    const engine = await createReady({ lateAfterSeconds: 0.2, refusesWhenLate: true });
    const running = listen(engine, { text: "slow 20" });
    const stopped = child();
    process.kill(stopped, "SIGSTOP");

    await isReady(engine).toBe("starting");
    expect(await failureOf(listen(engine, { text: "tone 3" }))).toMatchObject({
      status: 503,
      code: "engine_not_ready",
      message: "The engine does not answer at present.",
    });

    process.kill(stopped, "SIGCONT");
    await isReady(engine).toBe("ready");
    expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
    expect((await running).chunks).toHaveLength(20);
    expect(engine.counters.restarts).toBe(0);
  });

  it("is left alone while it blocks for less than the limit", async () => {
    const engine = await createReady({ hangLimitSeconds: 6 });

    await listen(engine, { text: "block 1" });

    expect(engine.counters.restarts).toBe(0);
  });

  it("is given up at once when it says why it cannot start", async () => {
    const engine = create({ env: { START_ERROR: "the pack is broken" } });

    expect(await failureOf(engine.started())).toEqual(
      new Error("The builtin engine cannot be started: the pack is broken."),
    );
    expect(engine.state()).toBe("failed");
    expect(engine.counters.restarts).toBe(0);
    expect(await failureOf(begin(engine, {}).next())).toMatchObject({
      status: 503,
      code: "engine_failed",
      message: "The engine cannot be started; the server's log says why.",
      headers: { "retry-after": "300", "x-should-retry": "false" },
    });
    expect(childrenOf(process.pid)).toEqual([]);
  });

  it("is tried again a while after it was given up, once each time that it is asked for", async () => {
    const env: Record<string, string> = { START_ERROR: "the pack is broken" };
    const engine = create({ env, retryIntervalSeconds: 1 });
    await failureOf(engine.started());
    engine.tryAgain();
    expect([engine.state(), engine.counters.restarts]).toEqual(["failed", 0]);
    expect(await failureOf(begin(engine, {}).next())).toMatchObject({
      code: "engine_failed",
      headers: { "retry-after": "1" },
    });

    await mayTryAgain(engine);
    env.START_EXIT = "3";
    engine.tryAgain();
    engine.tryAgain();
    expect([engine.state(), engine.counters.restarts]).toEqual(["starting", 1]);
    await failureOf(engine.started());
    expect(engine).toMatchObject({ mayTryAgain: false, counters: { restarts: 1 } });

    delete env.START_EXIT;
    delete env.START_ERROR;
    await mayTryAgain(engine);
    engine.tryAgain();
    await engine.started();
    expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
  });

  it("is killed when it takes too long to start, and given up when that goes on", async () => {
    const engine = create({
      env: { START_SECONDS: "60" },
      startLimitSeconds: 0.5,
      restartDelaysSeconds: [0.01],
      provenAfterSeconds: 0.5,
      retryIntervalSeconds: 0.01,
    });

    expect(await failureOf(engine.started())).toEqual(
      new Error("The builtin engine cannot be started: it did not start within 0.5 seconds."),
    );
    expect(engine.counters.restarts).toBe(1);
    expect(childrenOf(process.pid)).toEqual([]);

    await mayTryAgain(engine);
    engine.tryAgain();
    await failureOf(engine.started());
    expect([engine.state(), engine.counters.restarts]).toEqual(["failed", 2]);
  });
});

describe("a process whose sound is no number", () => {
  it.each(["NaN", "Infinity", "-Infinity"])("fails the utterance, for %s", async (sample) => {
    const engine = await createReady();

    expect(await failureOf(listen(engine, { text: `spoilt ${sample}` }))).toMatchObject({
      status: 500,
      message: "The engine made what is no sound: a sample is not a finite number.",
    });
    expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
    expect(engine.counters.restarts).toBe(0);
  });

  it("is replaced when that happens again and nothing was spoken in between", async () => {
    const engine = await createReady();

    for (const text of ["spoilt NaN", "tone 3", "spoilt NaN"])
      await listen(engine, { text }).catch(() => undefined);
    expect(engine.counters.restarts).toBe(0);
    await failureOf(listen(engine, { text: "spoilt Infinity" }));

    await expect.poll(() => engine.counters.restarts).toBe(1);
    await isReady(engine).toBe("ready");
    expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
  });

  it("has made no voice of such numbers", async () => {
    const engine = await createReady();
    const recording = { samples: Float32Array.of(1, Number.NaN), withCodes: false };
    const { signal } = new AbortController();

    const made = async () => engine.encodeVoice?.("qwen3-tts-12hz-0.6b-base", recording, signal);
    expect(await failureOf(made())).toMatchObject({
      status: 500,
      message: "The engine made a voice that is none: a number of it is not finite.",
    });
  });
});

describe("a process that keeps crashing", () => {
  it("is started later each time, and says how often it has until it has spoken", async () => {
    const engine = await createReady({ restartDelaysSeconds: [0.01, 40] });
    expect(engine.crashes).toEqual({ inARow: 0, nextStartSeconds: null });

    process.kill(child(), "SIGKILL");
    await expect.poll(() => engine.counters.restarts).toBe(1);
    await isReady(engine).toBe("ready");
    expect(engine.crashes).toEqual({ inARow: 1, nextStartSeconds: null });
    await listen(engine, { text: "tone 3" });
    expect(engine.crashes).toEqual({ inARow: 0, nextStartSeconds: null });

    process.kill(child(), "SIGKILL");
    await expect.poll(() => engine.counters.restarts).toBe(2);
    await isReady(engine).toBe("ready");
    process.kill(child(), "SIGKILL");
    await isReady(engine).toBe("starting");
    expect(engine.crashes.inARow).toBe(2);
    expect(engine.crashes.nextStartSeconds).toBeGreaterThan(30);
    const { headers } = (await failureOf(begin(engine, {}).next())) as ApiError;
    expect(Number(headers["retry-after"])).toBeGreaterThan(35);
  });

  it("says when it may be tried again once it was given up", async () => {
    const engine = create({ env: { START_EXIT: "3" }, restartDelaysSeconds: [0.01] });
    await failureOf(engine.started());

    expect(engine.crashes.inARow).toBe(2);
    expect(engine.crashes.nextStartSeconds).toBeGreaterThan(200);
  });
});

describe("the end", () => {
  it("leaves no process behind a closed engine, not even a stopped one", async () => {
    const engine = await createReady();
    const running = failureOf(listen(engine, { text: "tone 1000000" }));
    process.kill(child(), "SIGSTOP");

    await engine.close();

    expect(childrenOf(process.pid)).toEqual([]);
    expect(await running).toMatchObject({ status: 503, code: "engine_closed" });
    expect(await failureOf(begin(engine, {}).next())).toMatchObject({ code: "engine_closed" });
    expect(engine.counters.restarts).toBe(0);
  });

  it("is the parent's to decide: signals to the whole process group do not end the process", async () => {
    const engine = await createReady();
    process.kill(child(), "SIGINT");
    process.kill(child(), "SIGTERM");

    expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
    expect(engine.counters.restarts).toBe(0);
  });

  it("comes with the parent's, however it dies and wherever it was started, and logs what failed with whom it was for", async () => {
    const program = fileURLToPath(new URL("../../support/engine-parent.ts", import.meta.url));
    const parent = spawn(process.execPath, [runner, program], {
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
    });
    let logged = "";
    parent.stderr.on("data", (part) => (logged += part));
    const [line] = await once(parent.stdout, "data");
    expect(String(line)).toBe("speaking\n");
    await expect.poll(() => logged).toContain("\n");
    expect(JSON.parse(logged)).toMatchObject({
      ...{ level: 50, requestId: "req_1", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" },
      err: { type: "Error", message: "a secret of the engine's" },
      msg: "The engine failed while it spoke.",
    });
    const descendants = childrenOf(parent.pid ?? 0).flatMap((pid) => [pid, ...childrenOf(pid)]);
    expect(descendants.length).toBeGreaterThan(0);

    parent.kill("SIGKILL");

    await expect.poll(() => descendants.filter(isRunning)).toEqual([]);
  });
});
