import { beforeAll, describe, expect, it } from "vitest";
import { createResampler } from "../../../origin/audio/resampler.ts";
import { readRecording } from "../../../origin/voices/recording/read-recording.ts";
import type { Recording } from "../../../origin/voices/recording/recording.ts";
import { hasFfmpeg, withFfmpeg } from "../../support/ffmpeg.ts";
import { createRandom } from "../../support/random.ts";
import { tone } from "../../support/sounds.ts";
import { encodeFile, speakAt48k, toFloatWav } from "../../support/spoken-recordings.ts";
import { passThrough } from "../../support/stages.ts";

const read = (bytes: Uint8Array, signal: AbortSignal = new AbortController().signal) =>
  readRecording(bytes, { signal });

/** The error, as the client is told it. */
async function refusal(bytes: Uint8Array): Promise<{ code: string; message: string }> {
  const error = await read(bytes).then(
    ({ source }) => expect.fail(`was read as ${JSON.stringify(source)}`),
    (reason) => reason,
  );
  expect(error).toMatchObject({
    name: "ApiError",
    status: 400,
    type: "invalid_request_error",
    param: "audio_sample",
  });
  return { code: error.code, message: error.message };
}

let speech: Float32Array;
/** The same at 24 kHz, which is what it is compared with. */
let expected: Float32Array;
let wav: Uint8Array;

beforeAll(async () => {
  speech = await speakAt48k();
  expected = passThrough(await createResampler(48_000, 24_000), speech);
  wav = toFloatWav([speech], 48_000);
});

/** How far what was read is from what was spoken, in dB, at the shift at which they are nearest. */
function signalToNoise({ samples }: Recording): { decibels: number; shift: number } {
  let best = { decibels: Number.NEGATIVE_INFINITY, shift: 0 };
  for (let shift = -3_000; shift <= 3_000; shift++) {
    const middle = nearness(samples, shift, 40_000, 44_000);
    if (middle > best.decibels) best = { decibels: middle, shift };
  }
  const decibels = nearness(samples, best.shift, 4_000, expected.length - 4_000);
  return { decibels, shift: best.shift };
}

function nearness(samples: Float32Array, shift: number, from: number, to: number): number {
  let [signal, noise] = [0, 0];
  for (let i = from; i < to; i++) {
    const [a, b] = [expected[i] ?? 0, samples[i + shift] ?? 0];
    signal += a * a;
    noise += (a - b) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

// As loud on either side: `-ac 2` would halve the power.
const stereo = ["-af", "pan=stereo|c0=c0|c1=c0"];
const formats: readonly [
  name: string,
  options: readonly string[],
  source: Partial<Recording["source"]>,
  decibels: number,
][] = [
  ["u8.wav", ["-c:a", "pcm_u8"], { container: "WAVE", codec: "pcm-u8" }, 25],
  ["s16.wav", ["-c:a", "pcm_s16le"], { codec: "pcm-s16", channels: 1, sampleRate: 48_000 }, 60],
  ["stereo.wav", ["-c:a", "pcm_s16le", ...stereo], { codec: "pcm-s16", channels: 2 }, 60],
  ["s24.wav", ["-c:a", "pcm_s24le"], { codec: "pcm-s24" }, 90],
  ["s32.wav", ["-c:a", "pcm_s32le"], { codec: "pcm-s32" }, 90],
  ["f32.wav", ["-c:a", "pcm_f32le"], { codec: "pcm-f32" }, 90],
  ["f64.wav", ["-c:a", "pcm_f64le"], { codec: "pcm-f64" }, 90],
  ["alaw.wav", ["-c:a", "pcm_alaw"], { codec: "alaw" }, 30],
  ["mulaw.wav", ["-c:a", "pcm_mulaw"], { codec: "ulaw" }, 30],
  // ffmpeg writes WAVE_FORMAT_EXTENSIBLE for more than two channels.
  [
    "eight.wav",
    ["-c:a", "pcm_s16le", "-af", "pan=7.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0|c6=c0|c7=c0"],
    { channels: 8 },
    60,
  ],
  ["192k.wav", ["-c:a", "pcm_s24le", "-ar", "192000"], { sampleRate: 192_000 }, 40],
  [
    "44k.flac",
    ["-c:a", "flac", "-ar", "44100"],
    { container: "FLAC", codec: "flac", sampleRate: 44_100 },
    40,
  ],
  [
    "s24.flac",
    ["-c:a", "flac", "-sample_fmt", "s32", ...stereo],
    { codec: "flac", channels: 2 },
    80,
  ],
  // MP3 comes half a sample late at 24 kHz, and nearest is whole samples.
  [
    "x.mp3",
    ["-c:a", "libmp3lame", "-b:a", "192k", ...stereo],
    { container: "MP3", codec: "mp3", channels: 2 },
    8,
  ],
  [
    "bare.mp3",
    ["-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0"],
    { codec: "mp3", channels: 1 },
    12,
  ],
  ["x.opus", ["-c:a", "libopus", "-b:a", "128k"], { container: "Ogg", codec: "opus" }, 12],
  ["stereo.opus", ["-c:a", "libopus", "-b:a", "160k", ...stereo], { channels: 2 }, 12],
  ["x.ogg", ["-c:a", "libvorbis", "-q:a", "8"], { container: "Ogg", codec: "vorbis" }, 12],
  [
    "x.aac",
    ["-c:a", "aac", "-b:a", "160k", ...stereo],
    { container: "ADTS", codec: "aac", channels: 2 },
    12,
  ],
  ["x.m4a", ["-c:a", "aac", "-b:a", "160k"], { container: "MP4", codec: "aac", channels: 1 }, 12],
  ["fast.m4a", ["-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart"], { codec: "aac" }, 12],
  [
    "pieces.mp4",
    ["-c:a", "aac", "-b:a", "160k", "-movflags", "frag_keyframe+empty_moov"],
    { codec: "aac" },
    12,
  ],
  ["x.webm", ["-c:a", "libopus", "-b:a", "128k"], { container: "WebM", codec: "opus" }, 12],
  ["vorbis.webm", ["-c:a", "libvorbis", "-q:a", "8"], { container: "WebM", codec: "vorbis" }, 12],
  // As a browser's recorder writes it: clusters of unknown size, no duration, no index.
  [
    "live.webm",
    ["-c:a", "libopus", "-b:a", "128k", "-live", "1", "-cluster_time_limit", "1000"],
    { codec: "opus" },
    12,
  ],
];

describe.skipIf(!hasFfmpeg)(withFfmpeg("a recording"), () => {
  it.each(formats)("in %s is read as it was spoken", async (name, options, source, decibels) => {
    // By its content: no name or type goes along.
    const recording = await read(await encodeFile(wav, name, options));
    expect(recording.source).toMatchObject(source);
    expect(recording.seconds).toBe(recording.samples.length / 24_000);
    expect(recording.source.seconds).toBeCloseTo(speech.length / 48_000, 0);
    const heard = signalToNoise(recording);
    expect(heard.decibels).toBeGreaterThan(decibels);
  });

  it.each([
    ["telephone.wav", ["-ar", "8000", "-c:a", "pcm_mulaw"], 8_000],
    ["16k.wav", ["-ar", "16000", "-c:a", "pcm_s16le"], 16_000],
  ] as const)("at a lower rate in %s is read, too", async (name, options, sampleRate) => {
    const { source, seconds } = await read(await encodeFile(wav, name, options));
    expect(source.sampleRate).toBe(sampleRate);
    expect(seconds).toBeCloseTo(expected.length / 24_000, 0);
  });

  it.each([
    ["x.m4a", ["-c:a", "alac"], /alac/],
    ["x.oga", ["-c:a", "flac", "-f", "ogg"], /FLAC in Ogg/],
    ["x.spx", ["-c:a", "libspeex", "-ar", "16000"], /Speex/],
    ["x.wav", ["-c:a", "adpcm_ms"], /format tag 2/],
    ["x.mka", ["-c:a", "wavpack"], /A_WAVPACK/],
    ["x.mka", ["-c:a", "ac3"], /ac3/],
  ] as const)("in %s with %j is refused by the codec's name", async (name, options, told) => {
    const { code, message } = await refusal(await encodeFile(wav, name, options));
    expect(code).toBe("unsupported_audio");
    expect(message).toMatch(told);
  });

  it("with two tracks of audio is refused, and so is a film without sound", async () => {
    const two = await encodeFile(wav, "x.mka", ["-map", "0", "-map", "0", "-c:a", "libopus"]);
    expect((await refusal(two)).message).toMatch(/2 audio tracks/);
    const picture = ["-f", "lavfi", "-i", "color=red:size=64x64:duration=1", "-map", "1", "-c:v"];
    const film = await encodeFile(wav, "x.mp4", [...picture, "mpeg4"]);
    expect((await refusal(film)).message).toMatch(/none of audio/);
  });

  it.each([
    ["310 s", "x.opus", 310, ["-c:a", "libopus", "-b:a", "6k"]],
    ["three hours", "x.flac", 10_800, ["-c:a", "flac"]],
  ] as const)(
    "of %s of silence in %s is left after five minutes of it",
    async (_, name, seconds, options) => {
      const silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-map", "1"];
      const bytes = await encodeFile(wav, name, [...silence, "-t", String(seconds), ...options]);
      expect(bytes.length).toBeLessThan(10 * 1024 * 1024);
      const before = performance.now();
      expect(await refusal(bytes)).toMatchObject({
        code: "invalid_audio_length",
        message: expect.stringContaining("300 s"),
      });
      expect(performance.now() - before).toBeLessThan(30_000);
    },
  );
});

/** Silence with the noise of a quiet room. */
function room(seconds: number, sampleRate: number, level = 1e-4): Float32Array {
  const random = createRandom(3);
  return Float32Array.from({ length: seconds * sampleRate }, () => level * (random() - 0.5));
}

function join(...parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const wavOf = (pcm: Float32Array, sampleRate = 48_000) => toFloatWav([pcm], sampleRate);

describe("what is read of a recording", () => {
  it("is trimmed of silence before and after to 100 ms, at whatever level it was spoken", async () => {
    for (const gain of [1, 0.1]) {
      const quiet = speech.map((sample) => gain * sample);
      const { seconds, source } = await read(wavOf(join(room(2, 48_000), quiet, room(3, 48_000))));
      expect(source.seconds).toBeCloseTo(5 + speech.length / 48_000, 1);
      const bare = (await read(wavOf(quiet))).seconds;
      expect(seconds).toBeGreaterThan(bare);
      expect(seconds).toBeLessThan(bare + 0.25);
    }
  });

  it("is the mean of its channels", async () => {
    const silent = new Float32Array(speech.length);
    const [one, both] = [
      await read(toFloatWav([speech, silent], 48_000)),
      await read(toFloatWav([speech, speech], 48_000)),
    ];
    const halves = one.samples.map((sample) => 2 * sample);
    expect(one.samples.length).toBe(both.samples.length);
    const apart = halves.map((sample, i) => Math.abs(sample - (both.samples[i] ?? 0)));
    expect(apart.reduce((most, each) => Math.max(most, each), 0)).toBeLessThan(1e-5);
  });

  it("leaves its bytes to whoever sent them", async () => {
    const bytes = wavOf(speech);
    const before = bytes.slice();
    await read(bytes);
    expect(Buffer.compare(bytes, before)).toBe(0);
  });
});

describe("a file that is no recording is refused", () => {
  const text = (words: string) => new TextEncoder().encode(words);
  it.each<[string, Uint8Array, RegExp]>([
    ["of 0 bytes", new Uint8Array(0), /0 bytes/],
    ["of text", text("This is my voice.\n".repeat(50)), /text, not audio/],
    ["of umlauts", text("Größe über alles, ähnlich ".repeat(400)), /text, not audio/],
    ["of HTML", text("<!DOCTYPE html><html><body>404</body></html>"), /HTML page/],
    ["of JSON", text('{"error": {"message": "no"}}'), /JSON/],
    ["of XML", text('<?xml version="1.0"?><svg/>'), /XML/],
    ["of PNG", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), /PNG/],
    ["of PDF", text("%PDF-1.7\n%âãÏÓ\n1 0 obj"), /PDF/],
    ["of ZIP", Buffer.from("504b0304140000000800", "hex"), /ZIP/],
    ["of gzip", Buffer.from("1f8b0800000000000003", "hex"), /gzip/],
    ["of noise", Uint8Array.from({ length: 5_000 }, (_, i) => (i * i * 31 + 7 * i) & 255), /./],
    ["of one byte", new Uint8Array(1), /./],
    ["of zeros", new Uint8Array(100_000), /./],
    ["of a WAV header's first half", wavOf(new Float32Array(10)).slice(0, 20), /./],
    ["of a WAV header alone", wavOf(new Float32Array(0)), /./],
  ])("%s", async (_, bytes, told) => {
    const { code, message } = await refusal(bytes);
    expect(code).toBe("invalid_audio");
    expect(message).toMatch(told);
  });

  it("of more than 10 MiB, without a look into it", async () => {
    const { code, message } = await refusal(new Uint8Array(10 * 1024 * 1024 + 1));
    expect(code).toBe("invalid_audio_length");
    expect(message).toContain("10485761 bytes");
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e30])("with a sample of %d", async (sample) => {
    const pcm = speech.slice();
    pcm[1_000] = sample;
    const { code, message } = await refusal(wavOf(pcm));
    expect(code).toBe("invalid_audio");
    expect(message).toMatch(/a sample of/);
  });

  it.each([
    [4_000, 1, /4000 samples a second/],
    [384_000, 1, /384000 samples a second/],
    [48_000, 9, /9 channels/],
  ])("of %d Hz and %d channels", async (sampleRate, channels, told) => {
    const pcm = Array.from({ length: channels }, () => speech.subarray(0, 48_000));
    const { code, message } = await refusal(toFloatWav(pcm, sampleRate));
    expect(code).toBe("unsupported_audio");
    expect(message).toMatch(told);
  });
});

describe("a recording that no voice can be told from is refused", () => {
  const noise = (seconds: number, level: number) => room(seconds, 24_000, 2 * level);

  it("when it is silent or too quiet, with its level", async () => {
    expect((await refusal(wavOf(new Float32Array(96_000)))).message).toMatch(/silent/);
    expect((await refusal(wavOf(room(3, 48_000, 1e-5)))).message).toMatch(/silent/);
    const { code, message } = await refusal(wavOf(speech.map((sample) => sample / 200)));
    expect(code).toBe("unsuitable_audio");
    expect(message).toMatch(/too quiet: its level is -\d\d\.\d dBFS/);
  });

  it("when it is clipped, with the share of it that is", async () => {
    const clipped = speech.map((sample) => Math.max(-1, Math.min(1, 20 * sample)));
    const { code, message } = await refusal(wavOf(clipped));
    expect(code).toBe("unsuitable_audio");
    expect(message).toMatch(/clipped: \d+\.\d % /);
  });

  it("and one that merely touches full scale is not", async () => {
    const peak = speech.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    await expect(read(wavOf(speech.map((sample) => sample / peak)))).resolves.toBeDefined();
  });

  it("when it is too short or too long, with how long it is", async () => {
    const second = speech.subarray(0, 30_000);
    expect(await refusal(wavOf(join(room(2, 48_000), second, room(2, 48_000))))).toMatchObject({
      code: "invalid_audio_length",
      message: expect.stringMatching(/0\.\d\d s .*at least 1 s/),
    });
    const minute = join(...Array.from({ length: 7 }, () => expected));
    expect(minute.length / 24_000).toBeGreaterThan(60);
    expect(await refusal(wavOf(minute, 24_000))).toMatchObject({
      code: "invalid_audio_length",
      message: expect.stringMatching(/at most 60 s/),
    });
  });

  it.each<[string, () => Float32Array]>([
    ["white noise", () => noise(4, 0.1)],
    ["bursts of noise", () => noise(4, 0.1).map((x, i) => (i % 6_000 < 3_000 ? x : x / 100))],
    ["a tone", () => tone(440, 4, 24_000)],
    [
      "hum",
      () => tone(50, 4, 24_000).map((x, i) => x + 0.2 * Math.sin((2 * Math.PI * 150 * i) / 24_000)),
    ],
    [
      "a chord",
      () =>
        [262, 330, 392]
          .map((hertz) => tone(hertz, 4, 24_000, 0.2))
          .reduce((a, b) => a.map((x, i) => x + (b[i] ?? 0))),
    ],
  ])("when it is %s", async (_, make) => {
    const { code, message } = await refusal(wavOf(make(), 24_000));
    expect(code).toBe("unsuitable_audio");
    expect(message).toMatch(/no speech/);
  });

  it("and speech with noise 6 dB below it is not", async () => {
    const level = Math.sqrt(expected.reduce((sum, x) => sum + x * x, 0) / expected.length);
    const hiss = noise(expected.length / 24_000, 0.5 * level * Math.sqrt(3));
    const noisy = expected.map((sample, i) => sample + (hiss[i] ?? 0));
    await expect(read(wavOf(noisy, 24_000))).resolves.toBeDefined();
  });
});

describe("reading", () => {
  it("ends when it is aborted, before, while it waits for its turn and while it reads", async () => {
    const reason = new Error("gone");
    await expect(read(wav, AbortSignal.abort(reason))).rejects.toBe(reason);
    const leaving = new AbortController();
    const readings = Array.from({ length: 6 }, () => read(wav, leaving.signal));
    const ends = Promise.allSettled(readings);
    leaving.abort(reason);
    for (const end of await ends) expect(end).toMatchObject({ status: "rejected", reason });
    await expect(read(wav)).resolves.toBeDefined();
  });

  it("leaves this thread to others", async () => {
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const many = await Promise.all(Array.from({ length: 6 }, () => read(wav)));
    clearInterval(watch);
    expect(many).toHaveLength(6);
    expect(longest).toBeLessThan(1_000);
  });
});
