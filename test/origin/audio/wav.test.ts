import { describe, expect, it } from "vitest";
import { createWavEncoder } from "../../../origin/audio/wav.ts";
import { patchWavSizes, wavHeader } from "../../../shared/wav-header.ts";
import { encodeAll } from "../../support/encodings.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../../support/ffmpeg.ts";
import { babble } from "../../support/sounds.ts";

describe("wav", () => {
  it("sends the header with the first samples and never before them", async () => {
    const encoder = createWavEncoder({ sampleRate: 24_000 });
    expect(await encoder.encode(new Float32Array(0))).toHaveLength(0);
    const first = await encoder.encode(Float32Array.of(0.5, -0.5));
    expect(first.subarray(0, 44)).toEqual(wavHeader(24_000));
    expect([...first.subarray(44)]).toEqual([0x00, 0x40, 0x00, 0xc0]);
    expect(await encoder.encode(Float32Array.of(0))).toHaveLength(2);
    expect(await encoder.finish()).toHaveLength(0);
  });

  it("is a header alone when nothing went in", async () => {
    const file = await encodeAll(createWavEncoder({ sampleRate: 8_000 }), new Float32Array(0));
    expect(file).toEqual(wavHeader(8_000));
  });

  it.skipIf(!hasFfmpeg)(withFfmpeg("decodes the same with its true sizes"), async () => {
    const file = await encodeAll(createWavEncoder({ sampleRate: 24_000 }), babble(0.5, 24_000));
    const streamed = await decode(file);
    patchWavSizes(file);
    expect(await decode(file)).toEqual(streamed);
    expect(streamed.pcm).toHaveLength(12_000);
  });
});
