import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFlight, type Flight, type Listener } from "../../../edge/flight/flight.ts";
import type { SpeechFrame } from "../../../shared/frames/frame.ts";
import { createKeptBytes } from "../../../shared/kept-bytes.ts";
import { endOf, noise } from "../../support/frames-origin-behaviours.ts";

const packets = 5;
const packet = noise(70_000);
const end = endOf(Buffer.alloc(packets * packet.byteLength, packet));
const minuteMs = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function* speech(): Generator<SpeechFrame, void> {
  for (let i = 0; i < packets; i++) yield { kind: "audio", bytes: packet };
  yield { kind: "end", end };
}

/** Speaks a frame a read, each once `go` is called; by itself unless told to wait. */
function startFlight({ waits = false, maxBytes = 1_000_000 } = {}) {
  const kept = createKeptBytes(10_000_000);
  const frames = speech();
  const going: (() => void)[] = [];
  let stop: AbortController | undefined;
  let isCancelled = false;
  let opened: (() => void) | undefined;
  const flight = createFlight({
    open: async (controller) => {
      stop = controller;
      if (waits) await new Promise<void>((resolve) => (opened = resolve));
      return {
        headers: {},
        source: {
          async read() {
            if (waits) await new Promise<void>((go) => going.push(go));
            const { done, value } = frames.next();
            return done ? undefined : [value];
          },
          async cancel() {
            isCancelled = true;
          },
        },
      };
    },
    bytesPerSecond: 48_000,
    maxBytes,
    kept,
  });
  return {
    flight,
    kept,
    isStopped: () => stop?.signal.aborted,
    isCancelled: () => isCancelled,
    open: () => opened?.(),
    go: () => going.shift()?.(),
  };
}

async function join(flight: Flight, timeoutSeconds = 100): Promise<Listener> {
  const listener = flight.join({ retries: false, timeoutSeconds });
  await listener.begin();
  return listener;
}

async function hearAll(listener: Listener): Promise<number> {
  let frames = 0;
  for (let batch = await listener.read(); batch; batch = await listener.read()) {
    frames += batch.length;
  }
  return frames;
}

/** Lets everything happen that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe("a listener who takes nothing", () => {
  test("may pause for minutes when it is alone, and is then told why it was put out", async () => {
    const { flight, kept, isStopped } = startFlight();
    const listener = await join(flight);
    await listener.read();
    vi.advanceTimersByTime(9 * minuteMs);
    expect([isStopped(), flight.isOpen]).toEqual([false, true]);
    vi.advanceTimersByTime(2 * minuteMs);
    expect([isStopped(), flight.isOpen, kept.total]).toEqual([true, false, 0]);
    await expect(listener.read()).rejects.toMatchObject({
      code: "client_too_slow",
      message: "The client read nothing for 10 minutes.",
    });
    expect((await listener.outcome).failure).toMatchObject({ code: "client_too_slow" });
  });

  test("is put out after half a minute in company, which hears on", async () => {
    const { flight, kept, isStopped } = startFlight();
    const [idle, other] = [await join(flight), await join(flight)];
    await idle.read();
    vi.advanceTimersByTime(29_999);
    expect(flight.isOpen).toBe(true);
    vi.advanceTimersByTime(1);
    await expect(idle.read()).rejects.toMatchObject({ message: /that others hear/ });
    expect(isStopped()).toBe(false);
    expect(await hearAll(other)).toBe(packets + 1);
    expect(kept.total).toBe(0);
  });

  test("is put out soon once company has come, however long it was alone", async () => {
    const { flight } = startFlight();
    const idle = await join(flight);
    await idle.read();
    vi.advanceTimersByTime(5 * minuteMs);
    const other = await join(flight);
    vi.advanceTimersByTime(30_000);
    await expect(idle.read()).rejects.toMatchObject({ code: "client_too_slow" });
    expect(await hearAll(other)).toBe(packets + 1);
  });
});

test("a listener who takes something every minute is heard out", async () => {
  const { flight } = startFlight();
  const listener = await join(flight);
  let frames = 0;
  for (let batch = await listener.read(); batch; batch = await listener.read()) {
    frames += batch.length;
    vi.advanceTimersByTime(minuteMs);
  }
  expect(frames).toBe(packets + 1);
  expect(await listener.outcome).toEqual({ audioBytes: end.bytes, failure: undefined });
});

describe("the last listener who leaves", () => {
  test("before the speech begins leaves nothing behind", async () => {
    const { flight, kept, isStopped, isCancelled, open } = startFlight({ waits: true });
    const listener = flight.join({ retries: false, timeoutSeconds: 100 });
    const begun = listener.begin();
    listener.leave();
    await expect(begun).rejects.toMatchObject({ code: "client_left" });
    expect([isStopped(), flight.isOpen]).toEqual([true, false]);
    open();
    await settle();
    expect([isCancelled(), kept.total]).toEqual([true, 0]);
  });

  test("while a frame is on its way leaves nothing behind when that comes after all", async () => {
    const { flight, kept, isCancelled, open, go } = startFlight({ waits: true });
    const listener = flight.join({ retries: false, timeoutSeconds: 100 });
    const begun = listener.begin();
    open();
    await begun;
    const first = listener.read();
    await settle();
    go();
    expect(await first).toHaveLength(1);
    const pending = listener.read();
    await settle();

    listener.leave();
    go();

    await expect(pending).rejects.toMatchObject({ code: "client_left" });
    await settle();
    // Everything is over: nothing waits for a turn, and nothing is kept.
    expect([isCancelled(), kept.total, flight.isOpen]).toEqual([true, 0, false]);
    await expect(listener.read()).rejects.toMatchObject({ code: "client_left" });
    expect(await listener.outcome).toMatchObject({
      audioBytes: packet.byteLength,
      failure: { code: "client_left" },
    });
  });

  test("at any point of a speech that is too large to keep leaves nothing behind", async () => {
    for (let heard = 0; heard <= packets; heard++) {
      const { flight, kept } = startFlight({ maxBytes: 100_000 });
      const listener = await join(flight);
      for (let i = 0; i < heard; i++) await listener.read();
      listener.leave();
      expect(kept.total).toBe(0);
    }
  });
});

test("each listener waits for the first audio as long as it says, and no longer", async () => {
  const { flight, isStopped, open } = startFlight({ waits: true });
  const patient = flight.join({ retries: false, timeoutSeconds: 30 });
  const hurried = flight.join({ retries: false, timeoutSeconds: 1 });
  const refused = expect(hurried.begin()).rejects.toMatchObject({
    status: 504,
    code: "deadline_exceeded",
    message: "There was no audio within the 1 seconds this request had.",
  });
  const begun = patient.begin();
  vi.advanceTimersByTime(1000);
  await refused;
  expect(isStopped()).toBe(false);
  open();
  await begun;
});

test("nobody who comes after the end joins a flight that is over", async () => {
  const { flight, kept } = startFlight();
  expect(await hearAll(await join(flight))).toBe(packets + 1);
  expect([flight.isOpen, kept.total]).toEqual([false, 0]);
});
