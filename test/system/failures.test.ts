import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { childWith } from "../support/child-processes.ts";
import { sendSpeech } from "../support/edge-speech.ts";
import { receive } from "../support/sockets.ts";
import { pangrams } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

/** Of all that is spoken here, 14 seconds. */
const wholeChunks = (14 * 1000) / 80;

let system: TestSystem;

beforeAll(async () => {
  process.env.BUILTIN_PACE = "2";
  system = await startSystem();
});

afterAll(async () => {
  delete process.env.BUILTIN_PACE;
  await system.close();
});

/** Resolves once the number has stayed the same for a while, with that number. */
async function settled(read: () => number, stillMilliseconds = 400): Promise<number> {
  for (let last = read(); ; ) {
    await delay(stillMilliseconds);
    if (read() === last) return last;
    last = read();
  }
}

it("stops the synthesis when the client leaves midway", async () => {
  const engine = system.origin.engines.builtin;
  const before = engine?.counters.chunks ?? 0;
  const sent = sendSpeech(system.url, { input: pangrams, response_format: "pcm" });
  const answer = await sent.head;
  await new Promise((resolve) => answer.once("data", resolve));
  sent.reset();
  const chunks = (await settled(() => engine?.counters.chunks ?? 0)) - before;
  expect(chunks).toBeGreaterThan(0);
  expect(chunks).toBeLessThan(wholeChunks / 2);
});

it("stops the synthesis when the client leaves before the first byte", async () => {
  const engine = system.origin.engines.builtin;
  const before = engine?.counters.chunks ?? 0;
  const sent = sendSpeech(system.url, { input: pangrams });
  const uttered = engine?.counters.utterances ?? 0;
  while ((engine?.counters.utterances ?? 0) === uttered) await new Promise(setImmediate);
  sent.reset();
  const chunks = (await settled(() => engine?.counters.chunks ?? 0)) - before;
  expect(chunks).toBeLessThan(wholeChunks / 2);
});

it("resets the client's connection when the engine dies midway, and speaks again after", async () => {
  const answer = await sendSpeech(system.url, { input: pangrams }).head;
  const received = receive(answer);
  await new Promise((resolve) => answer.once("data", resolve));
  process.kill(childWith("builtin/child"), "SIGKILL");
  expect(await received).toMatchObject({ status: 200, ended: "reset" });

  while (system.origin.engines.builtin?.state() !== "ready") await delay(20);
  expect(await receive(await sendSpeech(system.url, { input: "Here again." }).head)).toMatchObject({
    status: 200,
    ended: "complete",
  });
});
