import fc from "fast-check";
import { expect, it } from "vitest";
import { ApiError, serverError } from "../../shared/api-error.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import { BrokenFramesError, readFrames } from "../../shared/frames/read-frames.ts";
import { writeFrames } from "../../shared/frames/write-frames.ts";
import { runs } from "../support/fuzz.ts";
import { endOf, nodeDigest } from "../support/speech-end.ts";

const audio = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes): SpeechFrame => ({ kind: "audio", bytes: new Uint8Array(bytes) }));

/** A whole answer. */
const speech = fc
  .array(audio, { maxLength: 8 })
  .map((frames): SpeechFrame[] => [...frames, { kind: "end", end: endOf(audioOf(frames)) }]);

/** The lengths a stream is split into, over and over: some of them empty, not all. */
const splits = fc
  .array(fc.nat(50), { minLength: 1, maxLength: 8 })
  .filter((lengths) => Math.max(...lengths) > 0);

function audioOf(frames: readonly SpeechFrame[]): Buffer {
  return Buffer.concat(frames.map((frame) => (frame.kind === "audio" ? frame.bytes : Buffer.of())));
}

async function written(frames: readonly SpeechFrame[], failure?: ApiError): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  async function* source() {
    yield* frames;
    if (failure) throw failure;
  }
  try {
    for await (const part of writeFrames(source())) parts.push(part);
  } catch (cause) {
    if (cause !== failure) throw cause;
  }
  return Buffer.concat(parts);
}

function streamOf(bytes: Uint8Array, lengths: readonly number[]): ReadableStream<Uint8Array> {
  let at = 0;
  let turn = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.byteLength) return controller.close();
      const length = lengths[turn++ % lengths.length] ?? 0;
      controller.enqueue(bytes.slice(at, at + length));
      at += length;
    },
  });
}

/** What the reader yields, or the error it throws. */
async function read(bytes: Uint8Array, lengths: readonly number[] = [64]) {
  const frames: SpeechFrame[] = [];
  try {
    const stream = streamOf(bytes, lengths);
    for await (const frame of readFrames(stream, nodeDigest())) frames.push(frame);
  } catch (error) {
    return { frames, error };
  }
  return { frames, error: undefined };
}

it("reads back what was written, however it is split", async () => {
  await fc.assert(
    fc.asyncProperty(speech, splits, async (frames, lengths) => {
      expect(await read(await written(frames), lengths)).toEqual({ frames, error: undefined });
    }),
    runs(150),
  );
});

it("refuses a stream that is cut anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(speech, splits, fc.nat(), async (frames, lengths, cut) => {
      const bytes = await written(frames);
      const { error } = await read(bytes.subarray(0, cut % bytes.byteLength), lengths);
      expect(error).toBeInstanceOf(BrokenFramesError);
    }),
    runs(150),
  );
});

it("ends well after a damaged bit only when all the audio is what it was", async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(speech, splits, fc.nat(), fc.nat(7), async (frames, lengths, at, bit) => {
      const bytes = await written(frames);
      const damaged = at % bytes.byteLength;
      bytes.writeUInt8(bytes.readUInt8(damaged) ^ (1 << bit), damaged);

      const { frames: received, error } = await read(bytes, lengths);

      if (error) {
        refused++;
        expect(error).toBeInstanceOf(BrokenFramesError);
      } else {
        expect(received.at(-1)?.kind).toBe("end");
        expect(audioOf(received).equals(audioOf(frames))).toBe(true);
      }
    }),
    runs(500),
  );
  expect(refused).toBeGreaterThan(0);
});

it("refuses bytes that were never frames", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), splits, async (bytes, lengths) => {
      const { error } = await read(bytes, lengths);
      expect(error).toBeInstanceOf(BrokenFramesError);
    }),
    runs(150),
  );
});

it("throws the error that the writer failed with, whatever its words", async () => {
  await fc.assert(
    fc.asyncProperty(speech, splits, fc.string(), async (frames, lengths, words) => {
      const begun = frames.slice(0, -1);
      const { frames: received, error } = await read(
        await written(begun, serverError(words)),
        lengths,
      );
      expect(received).toEqual(begun);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ message: words, code: "server_error", status: 500 });
    }),
    runs(50),
  );
});
