import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createFlight } from "../../../edge/flight/flight.ts";
import { createKeptBytes } from "../../../edge/flight/kept-bytes.ts";
import type { SpeechFrame } from "../../../shared/frames/frame.ts";
import { endOf, noise } from "../../support/frames-origin-behaviours.ts";

const mebibyte = 1024 * 1024;
const fileBytes = 8 * mebibyte;
const packet = noise(64 * 1024);
const file = Buffer.alloc(fileBytes, packet);
const end = endOf(file);

async function* speech(): AsyncGenerator<SpeechFrame, void> {
  for (let at = 0; at < fileBytes; at += packet.byteLength) {
    yield { kind: "audio", bytes: packet.slice() };
  }
  yield { kind: "end", end };
}

test("twenty flights of 8 MiB at once keep no more than their isolate has, and are heard whole", async () => {
  const limitBytes = 56 * mebibyte;
  const kept = createKeptBytes(limitBytes);
  let whole = 0;
  const flights = Array.from({ length: 20 }, () =>
    createFlight({
      depart: async () => ({ headers: {}, speech: speech() }),
      maxBytes: fileBytes,
      kept,
      onWhole: () => whole++,
    }),
  );
  const readers = await Promise.all(
    flights.map(async (flight) => {
      const passenger = { signal: new AbortController().signal, retries: false };
      return { hash: createHash("sha256"), ...(await flight.join(passenger)) };
    }),
  );

  let most = 0;
  let open = flights.length;
  for (let heard = true; heard; ) {
    heard = false;
    for (const { hash, speech } of readers) {
      const { done, value } = await speech.next();
      if (!done && value.kind === "audio") hash.update(value.bytes);
      heard ||= !done;
      most = Math.max(most, kept.total);
      open = Math.min(open, flights.filter((flight) => flight.isOpen).length);
    }
  }

  expect(most).toBeGreaterThan(40 * mebibyte);
  expect(most).toBeLessThan(limitBytes + packet.byteLength);
  for (const { hash } of readers) expect(hash.digest("hex")).toBe(end.sha256);
  expect(whole).toBeGreaterThan(0);
  expect(whole).toBeLessThanOrEqual(7);
  expect(kept.total).toBe(0);
});
