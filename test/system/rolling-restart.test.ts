import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Fleet, startFleet } from "../load/fleet.ts";
import type { FleetOrigin } from "../load/fleet-origin.ts";
import { prepareQuestions, type Question } from "../load/listener.ts";
import { speech } from "../support/edge-speech.ts";
import { decode, hasFfmpeg } from "../support/ffmpeg.ts";
import { postSpeech } from "../support/speech.ts";

const listeners = 3;

let fleet: Fleet;
let questions: Question[];

beforeAll(async () => {
  // At a pace at which answers are under way whenever an origin is told to stop.
  fleet = await startFleet(2, {
    environment: { BUILTIN_PACE: "8", MAX_WAIT_SECONDS: "600", DRAIN_SECONDS: "120" },
  });
  const [first] = fleet.origins;
  const headers = { authorization: "Bearer between-edge-and-origins" };
  const ask = (fields: object) => postSpeech(first?.url ?? "", { ...fields }, { headers });
  questions = await prepareQuestions(4, ask);
});

afterAll(async () => {
  await fleet.close();
});

/** How many answers an origin is speaking. */
async function activeStreams({ url }: FleetOrigin): Promise<number> {
  const health = await (await fetch(`${url}/health`)).json();
  return (health as { active_streams: number }).active_streams;
}

it("while two origins are restarted in turn, every request ends in all of its audio", async () => {
  const wrong: unknown[] = [];
  let heard = 0;
  let isOver = false;
  async function listenOn(listener: number): Promise<void> {
    for (let i = listener; !isOver; i++) {
      const question = questions[i % questions.length] as Question;
      const { fields, answer } = question;
      // What is not stored is spoken each time, and so by an origin.
      const headers = { "cache-control": "no-store" };
      const got = await speech(fleet.url, { ...fields, model: "tts-1" }, { headers });
      const { status, ended, body } = got;
      if (status === 200 && ended === "complete" && body.equals(answer)) heard++;
      else wrong.push({ status, ended, bytes: body.length, ofBytes: answer.length });
    }
  }
  /** Some more have been heard, from their beginnings to their ends. */
  async function untilMoreAreHeard(): Promise<void> {
    const before = heard;
    while (heard < before + listeners && wrong.length === 0) await delay(20);
  }

  const listening = Promise.all(Array.from({ length: listeners }, (_, i) => listenOn(i)));
  for (const origin of fleet.origins) {
    await untilMoreAreHeard();
    while ((await activeStreams(origin)) === 0) await delay(5);
    expect(await origin.stop("SIGTERM")).toEqual({ code: 0, signal: null });
    await untilMoreAreHeard();
    await origin.start();
  }
  await untilMoreAreHeard();
  isOver = true;
  await listening;

  expect(wrong).toEqual([]);
});

it.skipIf(!hasFfmpeg)("and what was heard is as long as its text", async () => {
  for (const { fields, answer } of questions) {
    const raw = fields.response_format === "pcm" ? ["-f", "s16le", "-ar", "24000"] : [];
    const { pcm, sampleRate } = await decode(answer, raw);
    const characters = fields.input.length;
    const perSecond = characters / (pcm.length / sampleRate);
    expect(perSecond).toBeGreaterThan(8);
    expect(perSecond).toBeLessThan(30);
  }
});
