import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxSamplesAhead } from "../../../origin/engine/protocol.ts";
import { createSupervisedEngine } from "../../../origin/engine/supervisor.ts";
import { ApiError } from "../../../shared/api-error.ts";
import { begin, failureOf, listen } from "../../support/listening.ts";

const chunkSamples = 1920;
const aheadChunks = maxSamplesAhead / chunkSamples;
const engine = createSupervisedEngine({
  name: "builtin",
  module: new URL("../../support/tone-engine-child.ts", import.meta.url),
});

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "utterances-"));
  await engine.started();
});

afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** An utterance that keeps the process busy, unable to read or write anything, until it is let go. */
function createBlock(name: string): { text: string; letGo(): Promise<void> } {
  const path = join(folder, name);
  return { text: `block-until ${path}`, letGo: () => writeFile(path, "") };
}

/** So slow that the credit lasts for many seconds. */
const slow = "slow 1000 150";

/** Counts the chunks sent; whatever the process sent before it got the question has arrived with the answer. */
async function chunksSent(): Promise<number> {
  await listen(engine, { text: "block 0" });
  return engine.counters.chunks;
}

/** Of an utterance the process was told to stop, the chunk just being made may still follow, and no other. */
async function expectSilence(before: number): Promise<void> {
  const whenTold = await chunksSent();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await chunksSent()).toBeLessThanOrEqual(whenTold + 1);
  expect(whenTold).toBeLessThan(before + aheadChunks);
}

describe("an utterance in another process", () => {
  it("yields what the process speaks, and ends as it ends", async () => {
    const before = { ...engine.counters };

    const { chunks, end } = await listen(engine, { text: "tone 60" });

    expect(chunks.map((chunk) => [chunk.length, chunk[0]])).toEqual(
      Array.from({ length: 60 }, (_, i) => [chunkSamples, i]),
    );
    expect(end).toEqual({ finish: "stop", inputTokens: "tone 60".length, instructionTokens: 0 });
    expect(engine.counters.utterances).toBe(before.utterances + 1);
    expect(engine.counters.chunks).toBe(before.chunks + 60);
  });

  it("passes an ApiError of the process on, and hides any other error", async () => {
    expect(await failureOf(listen(engine, { text: "refuse" }))).toEqual(
      expect.objectContaining({
        status: 400,
        type: "invalid_request_error",
        code: "too_long",
        message: "input must be shorter",
        param: "input",
      }),
    );
    const crash = await failureOf(listen(engine, { text: "crash" }));
    expect(crash).toBeInstanceOf(ApiError);
    expect(crash).toMatchObject({ status: 500, message: "The engine failed while it spoke." });
    expect((await listen(engine, { text: "tone 2" })).chunks).toHaveLength(2);
  });
});

describe("several at once", () => {
  it("are begun one after the other: one is heard before the next keeps the process busy", async () => {
    const block = createBlock("after-others");
    // While the first is spoken, the others come to wait in the channel together.
    const texts = ["block 0.2", "block 0", "block 0"];
    const others = texts.map((text) => listen(engine, { text }));
    const blocked = listen(engine, { text: block.text });

    await Promise.all(others);

    await block.letGo();
    await blocked;
  });
});

describe("flow control", () => {
  it("lets the process run ahead of a reader who stalls by the credit, and no more", async () => {
    const before = await chunksSent();
    const audio = begin(engine, { text: "tone 1000" });

    await audio.next();
    await expect.poll(chunksSent).toBe(before + 1 + aheadChunks);
    await audio.next();
    await audio.next();
    await expect.poll(chunksSent).toBe(before + 3 + aheadChunks);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await chunksSent()).toBe(before + 3 + aheadChunks);

    await audio.return({ finish: "stop", inputTokens: 0, instructionTokens: 0 });
  });

  it("does not hold the others up behind a reader who stalls", async () => {
    const stalled = begin(engine, { text: "tone 1000" });
    await stalled.next();

    expect((await listen(engine, { text: "tone 100" })).chunks).toHaveLength(100);

    await stalled.return({ finish: "stop", inputTokens: 0, instructionTokens: 0 });
  });

  it("stops the process long before the credit ends when the signal aborts", async () => {
    const before = await chunksSent();
    const abort = new AbortController();
    const audio = begin(engine, { text: slow }, abort.signal);
    await audio.next();

    abort.abort(new Error("gone"));

    expect(await failureOf(audio.next())).toEqual(new Error("gone"));
    await expectSilence(before);
  });

  it("stops the process long before the credit ends when the reader leaves", async () => {
    const before = await chunksSent();

    for await (const _ of begin(engine, { text: slow })) break;

    await expectSilence(before);
  });

  it("wakes a reader who waits when the signal aborts", async () => {
    const abort = new AbortController();
    const block = createBlock("before-abort");
    const waiting = failureOf(begin(engine, { text: block.text }, abort.signal).next());

    abort.abort(new Error("gone"));

    expect(await waiting).toEqual(new Error("gone"));
    await block.letGo();
  });

  it("starts nothing for a signal that was aborted before", async () => {
    const { utterances } = engine.counters;

    const failure = await failureOf(begin(engine, {}, AbortSignal.abort(new Error("gone"))).next());

    expect(failure).toEqual(new Error("gone"));
    expect(engine.counters.utterances).toBe(utterances);
  });
});
