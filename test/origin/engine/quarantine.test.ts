import { afterEach, describe, expect, it } from "vitest";
import { createQuarantine } from "../../../origin/engine/quarantine.ts";
import {
  createSupervisedEngine,
  type SupervisedEngine,
  type SupervisorOptions,
} from "../../../origin/engine/supervisor.ts";
import { childrenOf, isRunning } from "../../support/child-processes.ts";
import { begin, failureOf, listen } from "../../support/listening.ts";

let engine: SupervisedEngine;

afterEach(() => engine?.close());

async function start(options: Partial<SupervisorOptions> = {}): Promise<void> {
  engine = createSupervisedEngine({
    name: "builtin",
    module: new URL("../../support/tone-engine-child.ts", import.meta.url),
    restartDelaysSeconds: [0.01, 0.01],
    ...options,
  });
  await engine.started();
}

const soon = { timeout: 120_000 };
const isReady = () => expect.poll(() => engine.state(), soon).toBe("ready");

const stopped = { status: 500, message: "The engine stopped while it spoke." };
const refused = {
  status: 400,
  type: "invalid_request_error",
  code: "stops_engine",
  param: "input",
  message: expect.stringMatching(
    /^The engine has stopped 2 times when it was to speak this and nothing else was new; it is not tried again for \d+ seconds\.$/,
  ),
};

/** Speaks it once, and waits until the engine is there again. */
async function failBy(text: string, seed = 0): Promise<unknown> {
  const failure = await failureOf(listen(engine, { text, seed }));
  await isReady();
  return failure;
}

function killEngine(): void {
  for (const pid of childrenOf(process.pid).filter(isRunning)) process.kill(pid, "SIGKILL");
}

describe("an engine", () => {
  it("refuses what it died of twice, whatever its seed, and goes on with everything else", async () => {
    await start();
    for (const text of ["exit 3", "exit 4", "exit 5"]) {
      expect(await failBy(text)).toMatchObject(stopped);
      expect(await failBy(text, 1)).toMatchObject(stopped);
      expect(await failureOf(listen(engine, { text, seed: 2 }))).toMatchObject(refused);
      if (text === "exit 4")
        expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
    }
    expect(engine.counters.restarts).toBe(6);
    expect((await listen(engine, { text: "tone 3" })).chunks).toHaveLength(3);
  });

  it("blames what was new, not what it had been speaking, and nothing where several were new", async () => {
    await start({ restartDelaysSeconds: [0.01, 0.01, 0.01, 0.01] });
    const [old, one, other] = ["tone 1000000", "slow 1 600000", "slow 2 600000"];
    for (let deaths = 0; deaths < 2; deaths++) {
      const speaking = begin(engine, { text: old });
      await speaking.next();
      const ends = [one, other].map((text) => failureOf(listen(engine, { text })));
      killEngine();
      expect(await Promise.all(ends)).toMatchObject([stopped, stopped]);
      await isReady();
    }
    for (let deaths = 0; deaths < 2; deaths++) {
      const speaking = begin(engine, { text: old });
      await speaking.next();
      const end = failureOf(listen(engine, { text: one }));
      killEngine();
      expect(await end).toMatchObject(stopped);
      await isReady();
    }
    expect(await failureOf(listen(engine, { text: one }))).toMatchObject(refused);
    expect((await begin(engine, { text: old }).next()).done).toBe(false);
    const stillSpeaks = failureOf(listen(engine, { text: other }));
    killEngine();
    expect(await stillSpeaks).toMatchObject(stopped);
  });

  it("knows what it hung of though nobody waited to hear it", async () => {
    await start({ hangLimitSeconds: 3 });
    const text = "block 600";
    for (let deaths = 1; deaths <= 2; deaths++) {
      const leaving = new AbortController();
      const gone = failureOf(begin(engine, { text }, leaving.signal).next());
      // Once the process has been told.
      setTimeout(() => leaving.abort(new Error("gone")), 1000);
      expect(await gone).toEqual(new Error("gone"));
      await expect.poll(() => engine.counters.restarts, soon).toBe(deaths);
      await isReady();
    }
    expect(await failureOf(listen(engine, { text }))).toMatchObject(refused);
  });

  it("tries it again after a while", async () => {
    await start({ quarantineSeconds: 0.001 });
    for (let deaths = 0; deaths < 2; deaths++)
      expect(await failBy("exit 3")).toMatchObject(stopped);
    expect(await failureOf(listen(engine, { text: "exit 3" }))).toMatchObject(stopped);
  });
});

describe("a quarantine", () => {
  const only = (key: string) => new Set([key]);

  it("forgets what was spoken to its end after all", () => {
    const quarantine = createQuarantine();
    quarantine.engineDied(only("a"));
    quarantine.acquit("a");
    expect(quarantine.engineDied(only("a"))).toBe(false);
    expect(quarantine.engineDied(only("a"))).toBe(true);
    expect(() => quarantine.admit("a")).toThrow();
  });

  it("remembers a hundred, those that killed last", () => {
    const quarantine = createQuarantine();
    for (let key = 0; key < 101; key++) {
      quarantine.engineDied(only(`${key}`));
      quarantine.engineDied(only(`${key}`));
    }
    expect(() => quarantine.admit("0")).not.toThrow();
    for (let key = 1; key < 101; key++) expect(() => quarantine.admit(`${key}`)).toThrow();
  });
});
