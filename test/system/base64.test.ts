import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { base64AnswerSchema } from "../../shared/answers.ts";
import { childWith, residentBytes } from "../support/child-processes.ts";
import { failureOf } from "../support/listening.ts";
import { send } from "../support/sockets.ts";
import { hello, pangrams, postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

const mib = 1024 * 1024;

/** Half as large as an answer gets: half the longest text, spoken as slowly as can be, in the largest format. */
const large = {
  ...hello,
  input: `${pangrams} `.repeat(30).slice(0, 2048),
  response_format: "wav",
  sample_rate: 48_000,
  speed: 0.25,
};

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ ENGINE: "builtin" });
});

afterAll(() => system.close());

function urlOf(program: "edge" | "origin"): string {
  return program === "edge" ? system.url : system.origin.url;
}

function sendForBase64(url: string, fields: object) {
  return send(`${url}/v1/audio/speech/base64`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fields),
  });
}

/** Reads a document without keeping it: how many characters of audio it has, and what it says after them. */
async function skim(answer: IncomingMessage) {
  const opening = '{"audio":"';
  let characters = -opening.length;
  let facts: string | undefined;
  let head = "";
  for await (const chunk of answer) {
    const text = (chunk as Buffer).toString("latin1");
    if (head.length < opening.length) head += text;
    if (facts !== undefined) {
      facts += text;
      continue;
    }
    const end = text.indexOf('"', characters < 0 ? opening.length : 0);
    characters += end < 0 ? text.length : end;
    if (end >= 0) facts = text.slice(end);
  }
  expect(head.startsWith(opening)).toBe(true);
  return { characters, ...base64AnswerSchema.parse(JSON.parse(`{"audio":"${facts}`)) };
}

describe.skipIf(process.platform !== "linux")("a base64 answer of more than 50 MiB", () => {
  it.each(["edge", "origin"] as const)(
    "leaves the %s its memory, and everybody else their turn",
    async (program) => {
      const url = urlOf(program);
      // The origin is in this process.
      const pid = program === "edge" ? childWith("workerd") : process.pid;
      const atFirst = residentBytes(pid);
      let most = atFirst;
      let longestMs = 0;
      let isOver = false;
      const others = (async () => {
        while (!isOver) {
          const askedAt = performance.now();
          expect((await fetch(`${url}/v1/audio/voices`)).status).toBe(200);
          longestMs = Math.max(longestMs, performance.now() - askedAt);
          most = Math.max(most, residentBytes(pid));
          await wait(20);
        }
      })();

      const answer = await sendForBase64(url, large).head;
      const { characters, duration_ms } = await skim(answer).finally(() => {
        isOver = true;
      });
      await others;

      expect(answer.headers).not.toHaveProperty("content-length");
      expect(characters).toBeGreaterThan(50 * mib);
      expect(Math.abs(characters * 0.75 - duration_ms * 96)).toBeLessThan(200);
      expect((most - atFirst) / mib).toBeLessThan(160);
      expect(longestMs).toBeLessThan(2000);
    },
  );
});

it.each(["edge", "origin"] as const)(
  "a long base64 answer of the %s that fails midway is reset",
  async (program) => {
    const answer = await sendForBase64(urlOf(program), large).head;
    process.kill(childWith("builtin/child"), "SIGKILL");
    expect(await failureOf(answer.resume().toArray())).toMatchObject({ code: "ECONNRESET" });
    await expect.poll(() => postSpeech(system.url).then(({ status }) => status)).toBe(200);
  },
);

it.each(["edge", "origin"] as const)(
  "whoever leaves the %s in the midst of a base64 answer frees its place",
  async (program) => {
    const activeStreams = async () => {
      const health = await fetch(`${system.origin.url}/health`);
      return ((await health.json()) as { active_streams: number }).active_streams;
    };
    const sent = sendForBase64(urlOf(program), large);
    (await sent.head).on("error", () => {});
    expect(await activeStreams()).toBe(1);
    sent.reset();
    await expect.poll(activeStreams).toBe(0);
  },
);
