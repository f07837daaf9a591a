import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { createFlight, type Flight } from "../../../edge/flight/flight.ts";
import type { SpeechFrame } from "../../../shared/frames/frame.ts";
import type { SpeechSource } from "../../../shared/frames/read-frames.ts";
import { createKeptBytes } from "../../../shared/kept-bytes.ts";
import { endOf, noise } from "../../support/frames-origin-behaviours.ts";
import { createRandom } from "../../support/random.ts";

const mebibyte = 1024 * 1024;
const fileBytes = 8 * mebibyte;
const packet = noise(64 * 1024);
const file = Buffer.alloc(fileBytes, packet);
const end = endOf(file);

function* speech(): Generator<SpeechFrame, void> {
  for (let at = 0; at < fileBytes; at += packet.byteLength) {
    yield { kind: "audio", bytes: packet.slice() };
  }
  yield { kind: "end", end };
}

function speechSource(): SpeechSource {
  const frames = speech();
  return {
    async read() {
      const { done, value } = frames.next();
      return done ? undefined : [value];
    },
    cancel: async () => undefined,
  };
}

test("twenty flights of 8 MiB at once keep no more than their isolate has, and are heard whole", async () => {
  const limitBytes = 56 * mebibyte;
  const kept = createKeptBytes(limitBytes);
  let whole = 0;
  const flights = Array.from({ length: 20 }, () =>
    createFlight({
      open: async () => ({ headers: {}, source: speechSource() }),
      bytesPerSecond: 48_000,
      maxBytes: fileBytes,
      kept,
      onWhole: () => whole++,
    }),
  );
  const listeners = await Promise.all(
    flights.map(async (flight) => {
      const listener = flight.join({ retries: false, timeoutSeconds: 100 });
      await listener.begin();
      return { hash: createHash("sha256"), listener };
    }),
  );

  let most = 0;
  let open = flights.length;
  for (let heard = true; heard; ) {
    heard = false;
    for (const { hash, listener } of listeners) {
      const frames = await listener.read();
      for (const frame of frames ?? []) if (frame.kind === "audio") hash.update(frame.bytes);
      heard ||= frames !== undefined;
      most = Math.max(most, kept.total);
      open = Math.min(open, flights.filter((flight) => flight.isOpen).length);
    }
  }

  expect(most).toBeGreaterThan(40 * mebibyte);
  expect(most).toBeLessThan(limitBytes + packet.byteLength);
  for (const { hash } of listeners) expect(hash.digest("hex")).toBe(end.sha256);
  expect(whole).toBeGreaterThan(0);
  expect(whole).toBeLessThanOrEqual(7);
  expect(kept.total).toBe(0);
});

test("two hundred listeners who leave at any moment, alone and in company, leave nothing kept", async () => {
  const random = createRandom(7);
  const kept = createKeptBytes(56 * mebibyte);
  async function* slowly(): AsyncGenerator<SpeechFrame, void> {
    for (const frame of speech()) {
      if (random() < 0.5) await delay(random() * 3);
      yield frame;
    }
  }
  function slowSource(): SpeechSource {
    const frames = slowly();
    return {
      async read() {
        const { done, value } = await frames.next();
        return done ? undefined : [value];
      },
      cancel: async () => undefined,
    };
  }
  async function listen(flight: Flight): Promise<void> {
    const listener = flight.join({ retries: random() < 0.5, timeoutSeconds: 100 });
    const leaving = delay(random() * 60).then(() => listener.leave());
    try {
      await listener.begin();
      for (let frames = await listener.read(); frames; frames = await listener.read()) {
        if (random() < 0.1) await delay(random() * 5);
      }
    } catch (cause) {
      expect(cause).toMatchObject({ code: "client_left" });
    }
    await leaving;
    await listener.outcome;
  }
  async function fly(listeners: number): Promise<void> {
    const flight = createFlight({
      open: async () => {
        await delay(random() * 10);
        return { headers: {}, source: slowSource() };
      },
      bytesPerSecond: 48_000,
      maxBytes: random() < 0.5 ? fileBytes : mebibyte,
      kept,
    });
    await Promise.all(Array.from({ length: listeners }, () => listen(flight)));
  }

  for (let listeners = 0; listeners < 200; listeners += 20) {
    await Promise.all([fly(1), fly(1), fly(3), fly(5), fly(10)]);
  }

  // An SDK that might come back is waited for.
  await expect.poll(() => kept.total).toBe(0);
});
