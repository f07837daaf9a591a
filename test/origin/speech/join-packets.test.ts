import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Origin } from "../../../origin/http/server.ts";
import { joinPackets } from "../../../origin/speech/join-packets.ts";
import type { SpokenFrame } from "../../../origin/speech/tally.ts";
import { serverError } from "../../../shared/api-error.ts";
import { formatNames } from "../../../shared/formats.ts";
import type { SpeechFrame } from "../../../shared/frames/frame.ts";
import { createGate } from "../../support/gate.ts";
import { askForFrames, pangrams, postSpeech } from "../../support/speech.ts";
import { endOf } from "../../support/speech-end.ts";
import { startTestOrigin } from "../../support/system.ts";

const sampleRate = 24_000;
const end: SpokenFrame = { kind: "end", end: endOf(Uint8Array.of()) };

/** A packet of as many milliseconds, and, to be recognised by, bytes. */
function packet(ms: number): SpokenFrame {
  return { kind: "audio", bytes: new Uint8Array(ms).fill(ms), samples: (ms * sampleRate) / 1000 };
}

function packets(count: number, ms: number): SpokenFrame[] {
  return Array.from({ length: count }, () => packet(ms));
}

async function* speak(frames: readonly SpokenFrame[], failure?: Error) {
  yield* frames;
  if (failure) throw failure;
}

/** The bytes of an audio frame, which are its milliseconds; the kind of any other. */
function brief(frame: SpeechFrame): number | string {
  return frame.kind === "audio" ? frame.bytes.byteLength : frame.kind;
}

async function briefs(speech: AsyncGenerator<SpokenFrame, void>): Promise<(number | string)[]> {
  const all: (number | string)[] = [];
  for await (const frame of joinPackets(speech, sampleRate)) all.push(brief(frame));
  return all;
}

describe("after the first second", () => {
  it.each([
    ["20 ms", packets(30, 20), [200, 200, 200]],
    ["80 ms", packets(7, 80), [240, 240, 80]],
    ["100 ms", packets(4, 100), [200, 200]],
    ["120 ms", packets(4, 120), [240, 240]],
    ["160 ms", packets(2, 160), [160, 160]],
    ["400 ms", packets(2, 400), [400, 400]],
    ["changing length", [80, 200, 20, 80, 80, 80].map(packet), [80, 200, 180, 80]],
  ])("packets of %s are joined as far as they fit in 250", async (_length, later, joined) => {
    expect(await briefs(speak([...packets(10, 100), ...later, end]))).toEqual([
      ...Array.from({ length: 10 }, () => 100),
      ...joined,
      "end",
    ]);
  });

  it("changes no byte", async () => {
    const frames = [...packets(20, 60), packet(35), ...packets(5, 40)];
    const joined: Uint8Array[] = [];
    for await (const frame of joinPackets(speak(frames), sampleRate)) {
      if (frame.kind === "audio") joined.push(frame.bytes);
    }
    const sent = frames.flatMap((frame) => (frame.kind === "audio" ? [frame.bytes] : []));
    expect(joined.length).toBeLessThan(sent.length);
    expect(Buffer.concat(joined)).toEqual(Buffer.concat(sent));
  });

  it("what waits goes before the end", async () => {
    const frames = [packet(1000), packet(80), end];
    expect(await briefs(speak(frames))).toEqual([1000, 80, "end"]);
  });

  it("what waits goes before a failure", async () => {
    const failure = serverError("The voice cracked.");
    const joined = joinPackets(speak([packet(1000), packet(80), packet(80)], failure), sampleRate);
    expect((await joined.next()).value).toMatchObject({ kind: "audio" });
    expect((await joined.next()).value).toMatchObject({ bytes: { byteLength: 160 } });
    await expect(joined.next()).rejects.toBe(failure);
  });

  it.each([
    ["goes on", undefined],
    ["fails", serverError("The voice cracked.")],
  ])(
    "what waits does not wait for an engine that is silent, and later %s",
    async (_how, failure) => {
      const gate = createGate();
      async function* silent() {
        yield* [packet(1000), packet(80)];
        await gate.opened;
        if (failure) throw failure;
        yield* [packet(80), end];
      }
      const joined = joinPackets(silent(), sampleRate);
      await joined.next();
      expect((await joined.next()).value).toMatchObject({ bytes: { byteLength: 80 } });
      gate.open();
      if (failure) await expect(joined.next()).rejects.toBe(failure);
      else expect((await joined.next()).value).toMatchObject({ bytes: { byteLength: 80 } });
    },
  );

  it("whoever leaves ends the speech, though more is being waited for", async () => {
    const gate = createGate();
    let ended = false;
    async function* silent() {
      try {
        yield* [packet(1000), packet(80)];
        await gate.opened;
        throw serverError("Nobody is left to hear this.");
      } finally {
        ended = true;
      }
    }
    const joined = joinPackets(silent(), sampleRate);
    await joined.next();
    await joined.next();
    const left = joined.return();
    gate.open();
    await left;
    expect(ended).toBe(true);
  });
});

it("in the first second each packet leaves by itself", async () => {
  expect(await briefs(speak([...packets(13, 80), end]))).toEqual([
    ...Array.from({ length: 13 }, () => 80),
    "end",
  ]);
});

describe("of an origin", () => {
  let origin: Origin;

  beforeAll(async () => {
    // A busy machine makes its engine slow.
    origin = await startTestOrigin({ ENGINE: "builtin", MAX_WAIT_SECONDS: "600" });
  });

  afterAll(() => origin.close());

  const fields = { input: pangrams };

  it("an edge gets PCM in packets for a second, and then in frames of 100 to 250 ms", async () => {
    const { frames } = await askForFrames(origin.url, { ...fields, response_format: "pcm" });
    const parts = frames.flatMap((frame) => (frame.kind === "audio" ? [frame.bytes] : []));
    const ms = parts.map(({ byteLength }) => byteLength / 2 / 24);
    const prompt = 13;
    expect(Math.max(...ms.slice(0, prompt))).toBeLessThanOrEqual(80);
    const joined = ms.slice(prompt);
    expect(Math.max(...joined)).toBeLessThanOrEqual(250);
    // Where a busy machine kept the engine waiting, what was there has left.
    const large = joined.filter((length) => length >= 100);
    expect(large.length).toBeGreaterThan(0.75 * joined.length);
  });

  it.each(formatNames)("an edge gets the same file in fewer frames, as %s", async (format) => {
    const request = { ...fields, response_format: format };
    const [bare, { audio, frames, end: told }] = await Promise.all([
      postSpeech(origin.url, request).then((answer) => answer.arrayBuffer()),
      askForFrames(origin.url, request),
    ]);
    expect(audio.equals(Buffer.from(bare))).toBe(true);
    const seconds = told.samples / told.sample_rate;
    // Of 80 ms each it would be twelve and a half for every second.
    expect(frames.length).toBeLessThan(16 + 6.5 * seconds);
  });

  it("whoever asks it for events gets one for each packet", async () => {
    const request = { ...fields, response_format: "pcm", stream_format: "sse" };
    const events = (await (await postSpeech(origin.url, request)).text()).split("\n\n");
    expect(events.length).toBeGreaterThan(12 * 8);
  });
});
