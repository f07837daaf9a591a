import { describe, expect, it } from "vitest";
import { findEncodingProblem } from "../../shared/encoding-rules.ts";
import {
  type AudioFormat,
  defaultBitrate,
  factsOf,
  formatNames,
  type SampleRate,
} from "../../shared/formats.ts";

type Case = [AudioFormat, SampleRate, number | null];

it.each<Case>([
  ["mp3", 24_000, null],
  ["mp3", 24_000, 160_000],
  ["mp3", 48_000, 320_000],
  ["mp3", 8_000, 64_000],
  ["aac", 8_000, 48_000],
  ["opus", 48_000, 6_001],
  ["flac", 44_100, null],
  ["pcm", 22_050, null],
  ["mulaw", 8_000, null],
])("lets %s have %i Hz and %s bits per second", (format, sampleRate, bitrate) => {
  expect(findEncodingProblem(format, sampleRate, bitrate)).toBeUndefined();
});

it.each<[...Case, string, string]>([
  [
    "opus",
    44_100,
    null,
    "sample_rate",
    "sample_rate must be one of 8000, 16000, 24000, 48000 Hz for opus; got 44100",
  ],
  [
    "ogg",
    22_050,
    null,
    "sample_rate",
    "sample_rate must be one of 8000, 16000, 24000, 48000 Hz for ogg; got 22050",
  ],
  ["mulaw", 24_000, null, "sample_rate", "sample_rate must be 8000 Hz for mulaw; got 24000"],
  [
    "alaw",
    8_000,
    64_000,
    "bitrate",
    "bitrate must be left out for alaw, which has none; got 64000",
  ],
  ["wav", 24_000, 64_000, "bitrate", "bitrate must be left out for wav, which has none; got 64000"],
  [
    "flac",
    24_000,
    64_000,
    "bitrate",
    "bitrate must be left out for flac, which has none; got 64000",
  ],
  [
    "mp3",
    8_000,
    128_000,
    "bitrate",
    "bitrate must be one of 8000, 16000, 24000, 32000, 40000, 48000, 64000 bits per second for mp3 at 8000 Hz; got 128000",
  ],
  [
    "aac",
    8_000,
    64_000,
    "bitrate",
    "bitrate must be from 16000 to 48000 bits per second for aac at 8000 Hz; got 64000",
  ],
  [
    "opus",
    24_000,
    64,
    "bitrate",
    "bitrate must be from 6000 to 256000 bits per second for opus at 24000 Hz; got 64",
  ],
])(
  "tells that %s at %i Hz and %s bits per second does not exist",
  (format, sampleRate, bitrate, field, message) => {
    expect(findEncodingProblem(format, sampleRate, bitrate)).toEqual({ field, message });
  },
);

describe("the default bitrate", () => {
  it.each(formatNames)("of %s exists at each of its rates", (format) => {
    for (const sampleRate of factsOf(format).sampleRates) {
      expect(
        findEncodingProblem(format, sampleRate, defaultBitrate(format, sampleRate)),
      ).toBeUndefined();
    }
  });

  it("gives way where AAC has no room for it", () => {
    expect(defaultBitrate("aac", 8_000)).toBe(48_000);
    expect(defaultBitrate("aac", 24_000)).toBe(64_000);
    expect(defaultBitrate("pcm", 24_000)).toBeNull();
  });
});
