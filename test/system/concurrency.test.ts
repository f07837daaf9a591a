import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningProcess, runProgram } from "../support/run-program.ts";
import { postSpeech } from "../support/speech.ts";

const streams = 8;
const rounds = 15;
const mebibyte = 1024 * 1024;

let origin: RunningProcess;
let url: string;

beforeAll(async () => {
  origin = runProgram("origin/main.ts", {
    environment: { ORIGIN_PORT: "0", LOG_LEVEL: "silent" },
    preload: "./test/support/collect-garbage.mjs",
  });
  [, url = ""] = await origin.until(/^origin (http:\S+),/m);
});

afterAll(() => {
  origin.child.kill();
});

const requests = Array.from({ length: streams }, (_, i) => ({
  input: `I am number ${i + 1}${", and so on".repeat(i % 3)}.`,
  voice: ["alloy", "ash", "echo", "onyx"][i % 4],
  response_format: ["mp3", "opus", "wav", "pcm"][i % 4],
}));

async function speak(fields: Record<string, unknown>): Promise<Buffer> {
  const answer = await postSpeech(url, fields);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

/** Lets the origin collect its garbage once more, and gives what it holds on to then, in bytes. */
async function collectGarbage(earlier: number): Promise<{ live: number; resident: number }> {
  origin.child.kill("SIGUSR2");
  const line = new RegExp(`^collection ${earlier + 1}: (\\d+) live, (\\d+) resident$`, "m");
  const [, live, resident] = await origin.until(line);
  return { live: Number(live), resident: Number(resident) };
}

it("speaks eight texts at once as it speaks each alone, without growing", async () => {
  const alone: Buffer[] = [];
  for (const request of requests) alone.push(await speak(request));

  const left: { live: number; resident: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const together = await Promise.all(requests.map(speak));
    left.push(await collectGarbage(round));
    for (const [i, audio] of together.entries()) {
      expect(audio.equals(alone[i] as Buffer), `stream ${i} of round ${round}`).toBe(true);
    }
  }

  // Buffers come and go: what stays is seen at the lowest points. The first third warms up.
  const growth = (kind: "live" | "resident") => {
    const values = left.map((bytes) => bytes[kind]);
    const third = rounds / 3;
    return Math.min(...values.slice(-third)) - Math.min(...values.slice(third, -third));
  };
  expect(growth("live")).toBeLessThan(mebibyte);
  expect(growth("resident")).toBeLessThan(12 * mebibyte);
});
