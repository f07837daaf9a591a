import { expect, it } from "vitest";
import { base64AnswerSchema } from "../../shared/answers.ts";
import { serverError } from "../../shared/api-error.ts";
import type { SpeechEnd, SpeechFrame } from "../../shared/frames/frame.ts";
import { BrokenFramesError } from "../../shared/frames/read-frames.ts";
import { type Base64Document, renderBase64 } from "../../shared/render/base64.ts";
import { wavHeader } from "../../shared/wav-header.ts";
import { noise } from "../support/frames-origin-behaviours.ts";
import { failureOf } from "../support/listening.ts";
import { endOf } from "../support/speech-end.ts";

const mib = 1024 * 1024;
const short = noise(mib + 1);
const long = noise(6 * mib + 1);

interface Script {
  frameBytes?: number;
  /** Thrown where the end would be; null leaves out both. */
  failure?: Error | null;
}

/** A speech of that audio, and how it went. */
function spoken(audio: Uint8Array<ArrayBuffer>, { frameBytes = 64 * 1024, failure }: Script = {}) {
  const heard = { bytes: 0, left: false };
  async function* speak(): AsyncGenerator<SpeechFrame, void> {
    try {
      for (let at = 0; at < audio.byteLength; at += frameBytes) {
        const bytes = audio.slice(at, at + frameBytes);
        heard.bytes += bytes.byteLength;
        yield { kind: "audio", bytes };
      }
      if (failure) throw failure;
      if (failure !== null) yield { kind: "end", end: endFor(audio) };
    } finally {
      heard.left = true;
    }
  }
  return { heard, speech: speak() };
}

function endFor(audio: Uint8Array): SpeechEnd {
  return { ...endOf(audio), samples: 36_012, frames: 19, input_tokens: 5 };
}

/** A share of a memory, and how much it holds. */
function createShare() {
  let held = 0;
  let most = 0;
  return {
    add(bytes: number) {
      held += bytes;
      most = Math.max(most, held);
    },
    release() {
      held = 0;
    },
    get held() {
      return held;
    },
    get most() {
      return most;
    },
  };
}

async function textOf({ bytes, parts }: Base64Document): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  const text = Buffer.concat(all);
  if (bytes !== undefined) expect(text.byteLength).toBe(bytes);
  return text.toString("utf8");
}

it("renders a short answer as one document, audio first, with its length", async () => {
  const { heard, speech } = spoken(short);
  const document = await renderBase64(speech, "mp3");
  expect(document.bytes).toBeGreaterThan(short.byteLength);
  expect(heard.left).toBe(true);

  const answer: unknown = JSON.parse(await textOf(document));
  expect(Object.keys(answer as object)).toEqual([
    "audio",
    "format",
    "sample_rate",
    "duration_ms",
    "usage",
  ]);
  expect(base64AnswerSchema.strict().parse(answer)).toEqual({
    audio: Buffer.from(short).toString("base64"),
    format: "mp3",
    sample_rate: 24_000,
    duration_ms: 1501,
    usage: { input_tokens: 5, output_tokens: 19, total_tokens: 24 },
  });
});

it("asks where the file is once the end is known, and says so last", async () => {
  const fileUrl = async ({ bytes }: SpeechEnd) => ({ url: `https://example.com/${bytes}` });
  for (const audio of [short, long]) {
    const text = await textOf(await renderBase64(spoken(audio).speech, "mp3", { fileUrl }));
    const answer = base64AnswerSchema.parse(JSON.parse(text));
    expect(answer.url).toBe(`https://example.com/${audio.byteLength}`);
    expect(Object.keys(answer).at(-1)).toBe("url");
  }
});

const lengths = [1, 2, 3, 4, 393_215, 393_216, 393_217, mib, 4 * mib - 1, 4 * mib, 5 * mib + 2];

it.each(lengths.flatMap((bytes) => [4001, 393_216, mib].map((frame) => [bytes, frame] as const)))(
  "makes whole groups of four characters of %i bytes in frames of %i",
  async (length, frameBytes) => {
    const audio = long.slice(0, length);
    const text = await textOf(await renderBase64(spoken(audio, { frameBytes }).speech, "mp3"));
    const answer = base64AnswerSchema.parse(JSON.parse(text));
    expect(answer.audio).toBe(Buffer.from(audio).toString("base64"));
  },
);

it("gives a WAV file that was waited for its true sizes, and leaves the frames as they were", async () => {
  const audio = Uint8Array.from([...wavHeader(24_000), 1, 0, 2, 0, 3, 0]);
  const frames: SpeechFrame[] = [
    { kind: "audio", bytes: audio.slice(0, 7) },
    { kind: "audio", bytes: audio.slice(7) },
    { kind: "end", end: endFor(audio) },
  ];
  async function* speech() {
    yield* frames;
  }
  const text = await textOf(await renderBase64(speech(), "wav"));
  const file = Buffer.from(base64AnswerSchema.parse(JSON.parse(text)).audio, "base64");
  expect(file.readUInt32LE(4)).toBe(file.byteLength - 8);
  expect(file.readUInt32LE(40)).toBe(6);
  expect(file.subarray(44)).toEqual(Buffer.from([1, 0, 2, 0, 3, 0]));
  // Others may be hearing the same ones.
  expect(frames[1]).toEqual({ kind: "audio", bytes: audio.slice(7) });
});

it("streams a long answer, under the WAV header it came with, and holds little of it", async () => {
  const audio = Uint8Array.from(long);
  audio.set(wavHeader(24_000));
  const share = createShare();
  const { heard, speech } = spoken(audio);

  const document = await renderBase64(speech, "wav", { share });

  expect(document.bytes).toBeUndefined();
  expect(heard.bytes).toBe(4 * mib);
  const text = await textOf(document);
  expect(share.most).toBe(4 * mib);
  expect(share.held).toBe(0);
  const answer = base64AnswerSchema.strict().parse(JSON.parse(text));
  expect(answer.audio).toBe(Buffer.from(audio).toString("base64"));
  expect(answer.duration_ms).toBe(1501);
});

it("renders nothing of an answer that fails while it is waited for", async () => {
  const failure = serverError("The voice cracked.");
  const share = createShare();
  const { heard, speech } = spoken(short, { failure });
  expect(await failureOf(renderBase64(speech, "mp3", { share }))).toBe(failure);
  expect({ left: heard.left, held: share.held }).toEqual({ left: true, held: 0 });
});

it("breaks off where a long answer fails", async () => {
  const failure = serverError("The voice cracked.");
  const share = createShare();
  const { heard, speech } = spoken(long, { failure });
  const document = await renderBase64(speech, "mp3", { share });
  expect(await failureOf(textOf(document))).toBe(failure);
  expect({ left: heard.left, held: share.held }).toEqual({ left: true, held: 0 });
});

it.each([
  ["short", short],
  ["long", long],
])("fails for a %s answer without an end", async (_length, audio) => {
  const { speech } = spoken(audio, { failure: null });
  const document = renderBase64(speech, "mp3").then(textOf);
  expect(await failureOf(document)).toBeInstanceOf(BrokenFramesError);
});

it("fails, and holds nothing, when it cannot be said where the file is", async () => {
  const failure = new Error("no secret");
  const share = createShare();
  const fileUrl = () => Promise.reject(failure);
  const document = renderBase64(spoken(short).speech, "mp3", { fileUrl, share });
  expect(await failureOf(document)).toBe(failure);
  expect(share.held).toBe(0);
});

it.each([0, 1, 3])("lets go of the speech when it is left after %i parts", async (count) => {
  const share = createShare();
  const { heard, speech } = spoken(long);
  const { parts } = await renderBase64(speech, "mp3", { share });
  for (let i = 0; i < count; i++) await parts.next();
  expect(share.held).toBeGreaterThan(0);
  await parts.return();
  expect({ left: heard.left, held: share.held }).toEqual({ left: true, held: 0 });
});

it.each([
  ["short", long.slice(0, 4 * mib - 1)],
  ["long", long],
])("lets everything else run after each half MiB of a %s answer", async (_length, audio) => {
  let turns = 0;
  let counting = setImmediate(function count() {
    turns++;
    counting = setImmediate(count);
  });
  const { parts } = await renderBase64(spoken(audio).speech, "mp3");
  const afterHolding = turns;
  for await (const part of parts) expect(part.byteLength).toBeLessThanOrEqual(mib / 2);
  clearImmediate(counting);
  expect(afterHolding).toBeGreaterThanOrEqual(8);
  expect(turns - afterHolding).toBeGreaterThanOrEqual(audio.byteLength / (mib / 2));
});
