import { describe, expect, it } from "vitest";
import { ApiError, serverError } from "../../shared/api-error.ts";
import { firstAudio } from "../../shared/frames/first-audio.ts";
import { maxPayloadBytes, type SpeechEnd, type SpeechFrame } from "../../shared/frames/frame.ts";
import { BrokenFramesError, readFrames } from "../../shared/frames/read-frames.ts";
import { writeFrames } from "../../shared/frames/write-frames.ts";
import { nodeDigest, endOf as wholeEnd } from "../support/speech-end.ts";

const audio = [Uint8Array.of(1, 2, 3), Uint8Array.of(4), new Uint8Array(700).fill(5)];

function endOf(parts: Uint8Array[], changes: Partial<SpeechEnd> = {}): SpeechEnd {
  return { ...wholeEnd(Buffer.concat(parts)), ...changes };
}

const whole: SpeechFrame[] = [
  ...audio.map((bytes): SpeechFrame => ({ kind: "audio", bytes })),
  { kind: "end", end: endOf(audio) },
];

async function* speechOf(frames: SpeechFrame[], failure?: Error) {
  yield* frames;
  if (failure) throw failure;
}

async function written(frames: SpeechFrame[], failure?: Error): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of writeFrames(speechOf(frames, failure))) parts.push(part);
  } catch (cause) {
    expect(cause).toBe(failure);
  }
  return Buffer.concat(parts);
}

function streamOf(bytes: Uint8Array, chunkBytes: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.slice(at, at + chunkBytes));
      at += chunkBytes;
    },
  });
}

async function read(bytes: Uint8Array, chunkBytes = 64): Promise<SpeechFrame[]> {
  const frames: SpeechFrame[] = [];
  for await (const frame of readFrames(streamOf(bytes, chunkBytes), nodeDigest()))
    frames.push(frame);
  return frames;
}

it("writes type, big-endian length and payload", async () => {
  const bytes = await written([{ kind: "audio", bytes: Uint8Array.of(7, 8) }]);
  expect([...bytes]).toEqual([1, 0, 0, 0, 2, 7, 8]);
});

it.each([1, 2, 3, 5, 6, 64, 100_000])(
  "reads back what was written, %i bytes at a time",
  async (chunkBytes) => {
    expect(await read(await written(whole), chunkBytes)).toEqual(whole);
  },
);

it("reads a frame that began in the chunk before, however full this one is", async () => {
  const parts = [new Uint8Array(1000).fill(1), new Uint8Array(990).fill(2), Uint8Array.of(3)];
  const frames: SpeechFrame[] = [
    ...parts.map((bytes): SpeechFrame => ({ kind: "audio", bytes })),
    { kind: "end", end: endOf(parts) },
  ];
  expect(await read(await written(frames), 1004)).toEqual(frames);
});

it("splits audio that is too long for one frame", async () => {
  const long = new Uint8Array(maxPayloadBytes + 1);
  const frames = await read(
    await written([
      { kind: "audio", bytes: long },
      { kind: "end", end: endOf([long]) },
    ]),
    65_536,
  );
  const lengths = frames.map((frame) => (frame.kind === "audio" ? frame.bytes.byteLength : 0));
  expect(lengths).toEqual([maxPayloadBytes, 1, 0]);
});

it("carries an error to the reader and throws it on for the writer's connection", async () => {
  const failure = serverError("The voice cracked.");
  const received = read(await written(whole.slice(0, 2), failure));
  await expect(received).rejects.toMatchObject({
    name: "ApiError",
    message: "The voice cracked.",
    code: "server_error",
  });
});

it("tells the reader nothing of a failure that was not meant for clients", async () => {
  const received = read(await written([], new Error("secret path /srv/x")));
  const error = await received.catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(ApiError);
  expect(JSON.stringify((error as ApiError).envelope)).not.toContain("secret");
});

describe("a stream that is not whole is refused", () => {
  it("at whatever byte it was cut", async () => {
    const bytes = await written(whole);
    for (let length = 0; length < bytes.byteLength; length += 13) {
      await expect(read(bytes.subarray(0, length)), `cut at ${length}`).rejects.toThrow(
        BrokenFramesError,
      );
    }
  });

  it.each([
    ["a wrong byte count", [...whole.slice(0, 2), { kind: "end", end: endOf(audio) }]],
    [
      "a wrong digest",
      [...whole.slice(0, 3), { kind: "end", end: endOf(audio, { sha256: "0".repeat(64) }) }],
    ],
    ["a malformed end", [{ kind: "end", end: endOf([], { samples: -1 }) }]],
  ] as [string, SpeechFrame[]][])("with %s", async (_, frames) => {
    await expect(read(await written(frames))).rejects.toThrow(BrokenFramesError);
  });

  it.each([
    ["an unknown type", Uint8Array.of(9, 0, 0, 0, 0)],
    ["a length over the limit", Uint8Array.of(1, 255, 255, 255, 255)],
    ["a page of HTML", new TextEncoder().encode("<!doctype html><title>502</title>")],
    ["JSON that is none", Uint8Array.of(3, 0, 0, 0, 1, 123)],
  ])("with %s", async (_, bytes) => {
    await expect(read(bytes)).rejects.toThrow(BrokenFramesError);
  });
});

describe("firstAudio", () => {
  it("gives the whole answer back once audio has come", async () => {
    const frames: SpeechFrame[] = [];
    for await (const frame of await firstAudio(speechOf(whole))) frames.push(frame);
    expect(frames).toEqual(whole);
  });

  it("throws what fails before the audio", async () => {
    const failure = serverError("early");
    await expect(firstAudio(speechOf([], failure))).rejects.toBe(failure);
  });

  it("throws what ends before the audio", async () => {
    const speech = firstAudio(speechOf([{ kind: "end", end: endOf([]) }]));
    await expect(speech).rejects.toThrow(BrokenFramesError);
  });
});
