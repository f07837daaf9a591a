import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { sendSpeech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { breakOff, framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { heard, receive } from "../support/sockets.ts";

const audio = noise(5000);

/** Of an edge that does not notice, the origin would be rid after the 100 seconds it has for its audio. */
const patienceMs = 15_000;

let origin: FramesOrigin;
let edge: Edge;

beforeAll(async () => {
  origin = await startFramesOrigin();
  edge = await startEdge({ ORIGIN_URLS: origin.url });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

describe("a slow client", () => {
  test("holds the origin back and still gets every byte", async () => {
    // Far more than the sockets between origin and client hold.
    const long = new Uint8Array(Buffer.alloc(40 * 1024 * 1024, noise(1_000_003)));
    let sentBytes = 0;
    origin.behave(
      speak(async function* () {
        for await (const frame of framesOf(long, { chunkBytes: 64 * 1024 })) {
          sentBytes += frame.byteLength;
          yield frame;
        }
      }),
    );

    const answer = await sendSpeech(edge.url).head;
    await expect.poll(() => sentBytes).toBeGreaterThan(1024 * 1024);
    await untilSteady(() => sentBytes);
    expect(sentBytes).toBeLessThan(30 * 1024 * 1024);

    const { body, ended } = await receive(answer);
    expect(ended).toBe("complete");
    expect(body.equals(long)).toBe(true);
  });
});

describe("a client that leaves", () => {
  test("ends the origin's work at once, even while nothing is being sent", async () => {
    origin.behave(breakOff(() => framesOf(audio), 2500, "silence"));
    const client = sendSpeech(edge.url, {}, { headers: { "x-request-id": "left-midway" } });
    const answer = await client.head;
    answer.on("error", () => undefined);
    await heard(answer, 2000);

    const leftAt = performance.now();
    client.reset();

    await expect(origin.orders.at(-1)?.over).resolves.toBe(false);
    expect(performance.now() - leftAt).toBeLessThan(patienceMs);
    await expect
      .poll(() => edge.log.find((line) => line.id === "left-midway"))
      .toMatchObject({ status: 200, audio_bytes: 2000, code: "client_left" });
  });

  test.each([
    ["the head", () => undefined, {}],
    ["the first audio", breakOff(() => framesOf(audio), 0, "silence"), {}],
    ["a file is whole", breakOff(() => framesOf(audio), 2500, "silence"), { stream: false }],
  ])("before %s ends the origin's work at once", async (_what, behaviour, fields) => {
    origin.behave(behaviour);
    const before = origin.orders.length;
    const id = `left-early-${before}`;
    const client = sendSpeech(edge.url, fields, { headers: { "x-request-id": id } });
    await expect.poll(() => origin.orders.length).toBe(before + 1);

    const leftAt = performance.now();
    client.reset();

    await expect(origin.orders.at(-1)?.over).resolves.toBe(false);
    expect(performance.now() - leftAt).toBeLessThan(patienceMs);
    await expect
      .poll(() => edge.log.find((line) => line.id === id))
      .toMatchObject({ status: 499, code: "client_left" });
  });
});

async function untilSteady(value: () => number): Promise<void> {
  for (let last = -1; last !== value(); ) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
