import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiError } from "../../shared/api-error.ts";
import { frameHeaderBytes } from "../../shared/frames/frame.ts";
import { endOfSpeech, speech } from "../support/edge-speech.ts";
import { breakOff, collect, framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { startTroubledOrigin, type TroubledOrigin } from "../support/troubled-origin.ts";

const audio = noise(5000);
const frames = () => framesOf(audio);

let system: TroubledOrigin;
let origin: TroubledOrigin["origin"];
let edges: TroubledOrigin["edges"];
let edge: string;

beforeAll(async () => {
  system = await startTroubledOrigin();
  ({ origin, edges } = system);
  edge = edges.urls.edge;
});

afterAll(() => system.close());

test("canary: this workerd delivers an origin's reset as a reset, never as a clean end", async () => {
  origin.behave(breakOff(frames, 3 * (1000 + frameHeaderBytes), "reset"));

  const { status, body, ended } = await speech(edge);

  expect({ status, ended }).toEqual({ status: 200, ended: "reset" });
  expect(body.byteLength).toBeLessThanOrEqual(3000);
});

test("fetch sees the same failure as an error of its own", async () => {
  origin.behave(breakOff(frames, 2500, "reset"));

  const answer = await fetch(`${edge}/v1/audio/speech`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "tts-1", voice: "alloy", input: "hello" }),
  });

  expect(answer.status).toBe(200);
  await expect(answer.arrayBuffer()).rejects.toThrow("terminated");
});

describe("an answer that breaks after its first audio", async () => {
  const all = Buffer.concat(await collect(frames()));
  const lastAudio = 5 * (1000 + frameHeaderBytes);
  const cuts = [
    ["right after the first audio", 1000 + frameHeaderBytes],
    ["within a header", 1000 + frameHeaderBytes + 3],
    ["within a payload", 3500],
    ["before the end frame", lastAudio],
    ["within the end frame", lastAudio + 40],
    ["one byte before its end", all.byteLength - 1],
  ] as const;

  test.each(cuts)("cut by a reset %s resets the client", async (_where, bytes) => {
    origin.behave(breakOff(frames, bytes, "reset"));
    expect(await endOfSpeech(edge)).toBe("reset");
  });

  test.each(cuts)("cut by a clean end %s resets the client", async (_where, bytes) => {
    origin.behave(breakOff(frames, bytes, "clean"));
    expect(await endOfSpeech(edge)).toBe("reset");
  });

  test.each([
    ["a wrong byte count", { bytes: audio.byteLength + 1 }],
    ["a wrong digest", { sha256: "0".repeat(64) }],
    ["a finish it cannot have", { finish: "vanished" as "stop" }],
  ])("with %s in its end frame resets the client", async (_what, end) => {
    origin.behave(speak(() => framesOf(audio, { end })));
    expect(await endOfSpeech(edge)).toBe("reset");
  });

  test("with a changed byte of audio resets the client", async () => {
    origin.behave(
      speak(async function* () {
        const changed = Buffer.from(all);
        changed.writeUInt8(changed.readUInt8(2000) ^ 1, 2000);
        yield changed;
      }),
    );
    expect(await endOfSpeech(edge)).toBe("reset");
  });

  test("with an error frame resets the client", async () => {
    origin.behave(speak(() => framesOf(audio, { failure: new Error("boom") })));
    expect(await endOfSpeech(edge)).toBe("reset");
  });

  test.each([
    ["a frame of an unknown type", [9, 0, 0, 0, 1, 0]],
    ["a frame over the size limit", [1, 0xff, 0xff, 0xff, 0xff]],
    ["an end that is not JSON", [3, 0, 0, 0, 1, 0x7b]],
  ])("with %s resets the client", async (_what, bytes) => {
    origin.behave(
      speak(async function* () {
        yield* framesOf(audio, { end: null });
        yield Uint8Array.from(bytes);
      }),
    );
    expect(await endOfSpeech(edge)).toBe("reset");
  });

  test("by falling silent is given up after the time limit", async () => {
    origin.behave(breakOff(frames, 3000, "silence"));
    const headers = { "x-request-id": "silent-one" };
    expect(await speech(edges.urls.impatient, {}, { headers })).toMatchObject({
      status: 200,
      ended: "reset",
    });
    await expect(origin.orders.at(-1)?.over).resolves.toBe(false);
    await expect
      .poll(() => edges.log.find((line) => line.id === "silent-one"))
      .toMatchObject({ status: 200, audio_bytes: 2000, code: "origin_timeout" });
  });

  test("as server-sent events ends with an error event and no done", async () => {
    const failure = new ApiError({ status: 500, type: "server_error", code: "x", message: "Oh." });
    origin.behave(speak(() => framesOf(audio, { failure })));

    const { body, ended } = await speech(edge, { stream_format: "sse" });

    expect(ended).toBe("complete");
    const text = body.toString();
    expect(text.match(/speech\.audio\.delta/g)).toHaveLength(5);
    expect(text).not.toContain("speech.audio.done");
    const error = { message: "Oh.", type: "server_error", param: null, code: "x" };
    expect(text.split("\n\n").slice(-2)).toEqual([
      `event: error\ndata: ${JSON.stringify({ type: "speech.audio.error", error })}`,
      "",
    ]);
  });

  test("as base64 JSON is a 502", async () => {
    origin.behave(breakOff(frames, lastAudio, "clean"));
    const { status, body } = await speech(edge, {}, { path: "/v1/audio/speech/base64" });
    expect(status).toBe(502);
    expect(JSON.parse(body.toString()).error).toMatchObject({ code: "bad_gateway" });
  });

  test.each(["/v1/audio/speech", "/v1/audio/speech/base64"])(
    "as a whole file of %s is a 502",
    async (path) => {
      origin.behave(breakOff(frames, lastAudio, "clean"));
      const { status, headers, body } = await speech(edge, { stream: false }, { path });
      expect(status).toBe(502);
      expect(headers["content-type"]).toContain("application/json");
      expect(JSON.parse(body.toString()).error).toMatchObject({ code: "bad_gateway" });
    },
  );

  test("is logged with the error that ended it", async () => {
    origin.behave(breakOff(frames, lastAudio, "clean"));
    await speech(edge, {}, { headers: { "x-request-id": "broken-one" } });
    await expect
      .poll(() => edges.log.find((line) => line.id === "broken-one"))
      .toMatchObject({
        status: 200,
        audio_bytes: 5000,
        code: "bad_gateway",
        cause: expect.stringContaining("without an end frame"),
      });
  });
});

test("frames split at every byte arrive whole", async () => {
  const short = noise(300);
  origin.behave(
    speak(async function* () {
      for (const byte of Buffer.concat(await collect(framesOf(short, { chunkBytes: 100 })))) {
        yield Uint8Array.of(byte);
        await new Promise(setImmediate);
      }
    }),
  );

  const { body, ended } = await speech(edge);

  expect(ended).toBe("complete");
  expect(body.equals(short)).toBe(true);
});
