import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createAacEncoder } from "../../../origin/audio/aac.ts";
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
    const args = ["--import", "tsx", streamsScript];
    await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
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
