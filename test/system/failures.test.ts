import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { childWith } from "../support/child-processes.ts";
import { sendSpeech } from "../support/edge-speech.ts";
import { receive } from "../support/sockets.ts";
import { pangrams } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;

beforeAll(async () => {
  process.env.BUILTIN_PACE = "2";
  system = await startSystem();
});

afterAll(async () => {
  delete process.env.BUILTIN_PACE;
  await system.close();
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
