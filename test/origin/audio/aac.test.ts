import { execFile } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { createAacEncoder } from "../../../origin/audio/aac.ts";
import { runner } from "../../../origin/process/programs.ts";
import { digest } from "../../support/digest.ts";
import { encodeAll } from "../../support/encodings.ts";
import { babble } from "../../support/sounds.ts";

const streamsScript = fileURLToPath(new URL("../../support/aac-streams.ts", import.meta.url));

/** The headers of the ADTS frames, by ISO/IEC 13818-7, section 6.2; each must follow the frame before. */
function readFrames(file: Uint8Array) {
  const bytes = Buffer.from(file);
  const frames = [];
  for (let at = 0; at < bytes.length; ) {
    expect(bytes.readUInt16BE(at) & 0xfff6).toBe(0xfff0);
    frames.push({
      profile: bytes.readUInt8(at + 2) >> 6,
      rateIndex: (bytes.readUInt8(at + 2) >> 2) & 15,
      channels: ((bytes.readUInt8(at + 2) & 1) << 2) | (bytes.readUInt8(at + 3) >> 6),
    });
    at += (bytes.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
  }
  return frames;
}

describe("aac", () => {
  it("is low complexity AAC in mono frames at the rate of the input", async () => {
    const encoder = await createAacEncoder({ sampleRate: 24_000 });
    const frames = readFrames(await encodeAll(encoder, babble(0.5, 24_000)));
    expect(frames).toHaveLength(Math.ceil(12_001 / 1024) + 1);
    for (const frame of frames) expect(frame).toEqual({ profile: 1, rateIndex: 6, channels: 1 });
  });

  it("has two frames after the second 80 ms, without waiting for the third", async () => {
    const encoder = await createAacEncoder({ sampleRate: 24_000 });
    await encoder.encode(babble(0.08, 24_000));
    expect(readFrames(await encoder.encode(babble(0.08, 24_000)))).toHaveLength(2);
    encoder.close();
  });

  it("lets the process end when every stream was finished or given up, even before it started", async () => {
    const args = [runner, streamsScript];
    await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  });

  it("encodes many streams at once in two threads, each as it would be alone", async () => {
    let threads = 0;
    const count = () => threads++;
    process.on("worker", count);
    const encode = async (seed: number) => {
      const encoder = await createAacEncoder({ sampleRate: 24_000 });
      return digest(await encodeAll(encoder, babble(0.5, 24_000, seed)));
    };
    const alone = [await encode(0), await encode(1), await encode(2)];

    const together = await Promise.all(Array.from({ length: 48 }, (_, i) => encode(i % 3)));

    process.off("worker", count);
    expect(together).toEqual(Array.from({ length: 48 }, (_, i) => alone[i % 3]));
    // One of them may have had its number of streams, and been replaced.
    expect(threads).toBeLessThanOrEqual(3);
  });

  it("goes on in a new thread when one has had its number of streams", async () => {
    const ended: Promise<unknown>[] = [];
    const watch = (worker: Worker) => ended.push(once(worker, "exit"));
    process.on("worker", watch);
    for (let round = 0; round < 40; round++) {
      const streams = Array.from({ length: 8 }, () => createAacEncoder({ sampleRate: 16_000 }));
      for (const stream of streams) await (await stream).encode(babble(0.1, 16_000));
      for (const stream of streams) (await stream).close();
    }
    process.off("worker", watch);
    // Too many for two threads and the two after them; what has been replaced is gone, or it would keep its memory.
    expect(ended.length).toBeGreaterThanOrEqual(1);
    await Promise.race(ended);
  });

  it("fails the streams of a thread that ends, and begins the next in another", async () => {
    const workers: Worker[] = [];
    const online: Promise<unknown>[] = [];
    const keep = (worker: Worker) => {
      workers.push(worker);
      online.push(once(worker, "online"));
    };
    process.on("worker", keep);
    const begin = async () => {
      const stream = await createAacEncoder({ sampleRate: 24_000 });
      await stream.encode(babble(0.1, 24_000));
      return stream;
    };
    // Until a thread is begun that this test may end.
    while (workers.length === 0) (await begin()).close();
    process.off("worker", keep);
    await online[0];
    const streams = await Promise.all(Array.from({ length: 8 }, begin));

    await workers[0]?.terminate();

    const endings = await Promise.allSettled(
      streams.map(async (stream) => {
        await stream.encode(babble(0.1, 24_000));
        await stream.finish();
      }),
    );
    for (const stream of streams) stream.close();
    const failed = endings.filter(({ status }) => status === "rejected");
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(streams.length);
    expect(readFrames(await (await begin()).finish()).length).toBeGreaterThan(1);
  });

  it("takes nothing more once it has finished, and may be closed again", async () => {
    const encoder = await createAacEncoder({ sampleRate: 24_000 });
    await encoder.finish();
    encoder.close();
    await expect(encoder.encode(babble(0.1, 24_000))).rejects.toThrow();
  });

  it("refuses a rate that AAC does not have", async () => {
    await expect(createAacEncoder({ sampleRate: 22_000 })).rejects.toThrow("22000 Hz");
  });
});
