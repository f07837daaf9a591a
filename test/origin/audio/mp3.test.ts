import { describe, expect, it } from "vitest";
import { createMp3Encoder } from "../../../origin/audio/mp3.ts";
import { encodeAll } from "../../support/encodings.ts";
import { babble } from "../../support/sounds.ts";

describe("mp3", () => {
  it("is frames of 192 bytes from the first byte on: 64 kbit/s, mono, 24 kHz, no Xing frame", async () => {
    const file = await encodeAll(await createMp3Encoder({ sampleRate: 24_000 }), babble(1, 24_000));
    expect(file.length % 192).toBe(0);
    for (let at = 0; at < file.length; at += 192) {
      // MPEG-2 Layer III without CRC; bitrate 8 (64 kbit/s), rate 1 (24 kHz); mono. Bit 1 of the third byte is padding.
      expect([
        file[at],
        file[at + 1],
        (file[at + 2] ?? 0) & 0xfe,
        (file[at + 3] ?? 0) & 0xc0,
      ]).toEqual([0xff, 0xf3, 0x84, 0xc0]);
    }
    expect(Buffer.from(file).includes("Xing") || Buffer.from(file).includes("Info")).toBe(false);
  });

  it("takes nothing more once it has finished, and may be closed again", async () => {
    const encoder = await createMp3Encoder({ sampleRate: 24_000 });
    await encoder.finish();
    encoder.close();
    expect(() => encoder.encode(babble(0.1, 24_000))).toThrow("the mp3 encoder is closed");
    expect(() => encoder.finish()).toThrow("the mp3 encoder is closed");
  });

  it("refuses a rate that MPEG audio does not have", async () => {
    await expect(createMp3Encoder({ sampleRate: 22_000 })).rejects.toThrow("22000");
  });
});
