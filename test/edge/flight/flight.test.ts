import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFlight, type Flight } from "../../../edge/flight/flight.ts";
import { createKeptBytes } from "../../../edge/flight/kept-bytes.ts";
import type { SpeechFrame } from "../../../shared/frames/frame.ts";
import { endOf, noise } from "../../support/frames-origin-behaviours.ts";

const packets = 5;
const packet = noise(1000);
const end = endOf(Buffer.alloc(packets * packet.byteLength, packet));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function* speech(): AsyncGenerator<SpeechFrame, void> {
  for (let i = 0; i < packets; i++) yield { kind: "audio", bytes: packet };
  yield { kind: "end", end };
}

function startFlight() {
  const kept = createKeptBytes(1_000_000);
  let stop: AbortController | undefined;
  const flight = createFlight({
    depart: async (controller) => {
      stop = controller;
      return { headers: {}, speech: speech() };
    },
    maxBytes: 100_000,
    kept,
    onWhole: () => undefined,
  });
  return { flight, kept, isStopped: () => stop?.signal.aborted };
}

async function join(flight: Flight) {
  const leave = new AbortController();
  const { speech } = await flight.join({ signal: leave.signal, retries: false });
  return { speech, leave };
}

async function hearAll(speech: AsyncGenerator<SpeechFrame, void>): Promise<number> {
  let frames = 0;
  for await (const _ of speech) frames++;
  return frames;
}

describe("a reader that takes nothing for thirty seconds", () => {
  test("is put out, and the synthesis ends with it when it was alone", async () => {
    const { flight, kept, isStopped } = startFlight();
    const { speech } = await join(flight);
    await speech.next();
    vi.advanceTimersByTime(29_999);
    expect([isStopped(), flight.isOpen]).toEqual([false, true]);
    vi.advanceTimersByTime(1);
    expect([isStopped(), flight.isOpen, kept.total]).toEqual([true, false, 0]);
    await expect(speech.next()).rejects.toMatchObject({ code: "client_too_slow" });
  });

  test("does not end it for others", async () => {
    const { flight, kept, isStopped } = startFlight();
    const [idle, other] = [await join(flight), await join(flight)];
    await idle.speech.next();
    vi.advanceTimersByTime(30_000);
    expect(isStopped()).toBe(false);
    expect(await hearAll(other.speech)).toBe(packets + 1);
    expect(kept.total).toBe(0);
  });
});

test("a reader that takes something every twenty seconds is heard out", async () => {
  const { flight } = startFlight();
  const { speech } = await join(flight);
  for (let i = 0; i < packets; i++) {
    await speech.next();
    vi.advanceTimersByTime(20_000);
  }
  expect((await speech.next()).value).toMatchObject({ kind: "end" });
});

test("somebody who has left before the speech begins leaves nothing behind", async () => {
  const { flight, kept, isStopped } = startFlight();
  await flight.join({ signal: AbortSignal.abort(), retries: false });
  expect([isStopped(), flight.isOpen, kept.total]).toEqual([true, false, 0]);
});

test("nobody who comes after the end is taken aboard a flight that has landed", async () => {
  const { flight, kept } = startFlight();
  const { speech } = await join(flight);
  expect(await hearAll(speech)).toBe(packets + 1);
  expect([flight.isOpen, kept.total]).toEqual([false, 0]);
});
