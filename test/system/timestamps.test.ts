import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { base64AnswerSchema, speechStreamEventSchema } from "../../shared/answers.ts";
import { type SpeechEvent, timestampsSchema } from "../../shared/speech-events.ts";
import { timestampsOf } from "../../shared/timestamps.ts";
import { postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

const sampleRate = 22_050;

let system: TestSystem;

beforeAll(async () => {
  const secret = "a secret of at least thirty-two characters";
  system = await startSystem(
    { ENGINE: "builtin" },
    { AUDIO: "audio", FLIGHTS: true, URL_SIGNING_SECRET: secret },
  );
});

afterAll(() => system.close());

interface Told {
  pcm: Int16Array;
  events: SpeechEvent[];
  urls: { url?: string | undefined; vtt_url?: string | undefined; srt_url?: string | undefined };
  cache: string | null;
}

/** PCM as espeak-ng makes it, and what is told of it, as events. */
async function tell(fields: Record<string, unknown>, url = system.url): Promise<Told> {
  const request = { voice: "echo", timestamps: "word", response_format: "pcm", ...fields };
  const answer = await postSpeech(url, {
    sample_rate: sampleRate,
    stream_format: "sse",
    ...request,
  });
  expect(answer.status).toBe(200);
  const parts: Buffer[] = [];
  const events: SpeechEvent[] = [];
  let urls: Told["urls"] = {};
  for (const line of (await answer.text()).split("\n\n").filter(Boolean)) {
    const event = speechStreamEventSchema.parse(JSON.parse(line.replace(/^data: /, "")));
    if (event.type === "speech.audio.delta") parts.push(Buffer.from(event.audio, "base64"));
    else if (event.type === "speech.audio.done") urls = event;
    else events.push(event);
  }
  const bytes = Uint8Array.from(Buffer.concat(parts));
  return { pcm: new Int16Array(bytes.buffer), events, urls, cache: answer.headers.get("x-cache") };
}

/** Where sound begins after at least so much silence, in seconds; at the beginning too. */
function onsets(pcm: Int16Array, silence = 0.4): number[] {
  const found: number[] = [];
  let last = -silence * sampleRate;
  for (const [at, sample] of pcm.entries()) {
    if (Math.abs(sample) < 200) continue;
    if (at - last >= silence * sampleRate) found.push(at / sampleRate);
    last = at;
  }
  return found;
}

describe("words are told to be heard when they are", () => {
  it.each([
    ["english", "Ten [pause:900ms] boys [pause:900ms] dance."],
    ["german", "Bitte [pause:900ms] danke [pause:900ms] gern."],
    ["chinese", "东 [pause:900ms] 大 [pause:900ms] 七"],
    ["russian", "Дом [pause:900ms] доска [pause:900ms] берег"],
  ])("in %s, at any speed, trimmed or not", async (language, input) => {
    for (const speed of [1, 0.75, 1.5]) {
      for (const trim_silence of [false, true]) {
        const fields = { input, language, markup: "tags", speed, trim_silence };
        const { pcm, events } = await tell(fields);
        const { words = [] } = timestampsOf(events);
        const heard = onsets(pcm);
        expect(words).toHaveLength(3);
        expect(heard).toHaveLength(3);
        for (const [index, { start, end }] of words.entries()) {
          // The closure of a plosive is part of the word, and silent.
          expect(Math.abs((heard[index] ?? 0) - start)).toBeLessThan(0.08);
          expect(end).toBeGreaterThan(start);
        }
      }
    }
  });

  it("one after the other, each with its place in the input", async () => {
    const input = "I 😀 paid $5.50 to Dr. Smith at 10:30, didn’t I? “Yes” — so well-known.";
    const { words = [], segments } = timestampsOf((await tell({ input })).events);
    const letters = Array.from(input);
    const placed = words.map(({ char_start, char_end }) =>
      letters.slice(char_start, char_end).join(""),
    );
    expect(placed).toEqual(
      "I 😀 paid $5.50 to Dr. Smith at 10:30 didn’t I Yes so well-known".split(" "),
    );
    for (const [index, { start, end }] of words.entries()) {
      expect(end).toBeGreaterThanOrEqual(start);
      expect(words[index + 1]?.start ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(end);
    }
    expect(segments).toMatchObject([{ text: input, char_start: 0, char_end: letters.length }]);
  });

  it("by the place in SSML, with its marks", async () => {
    const input =
      '<speak>One <mark name="here"/><sub alias="two">2</sub> &amp; <break time="1s"/>four</speak>';
    const { words = [], marks } = timestampsOf((await tell({ input })).events);
    const placed = words.map(({ word, char_start, char_end }) => [
      word,
      input.slice(char_start, char_end),
    ]);
    expect(placed).toEqual([
      ["One", "One"],
      ["two", "2"],
      ["&", "&amp;"],
      ["four", "four"],
    ]);
    expect(marks).toEqual([{ name: "here", time: expect.closeTo(words[1]?.start ?? 0, 1) }]);
  });
});

it("tells how far it is, where that is asked for, and keeps nothing of it", async () => {
  const input = "This sentence is said to see how far it has come by now. ".repeat(4);
  const { events } = await tell({ input, timestamps: undefined, progress: true });
  const seconds = events.map((event) => (event.type === "speech.progress" ? event.seconds : -1));
  const fractions = events.map((event) => ("fraction" in event ? event.fraction : undefined));
  expect(events.length).toBeGreaterThan(10);
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
  expect(fractions).toEqual(fractions.toSorted((a = 0, b = 0) => a - b));
  expect(fractions.slice(0, -1).every((fraction = 1) => fraction < 1)).toBe(true);
  expect(fractions.at(-1)).toBe(1);
  const again = await tell({ input, timestamps: "segment", progress: true });
  expect(again.events.filter(({ type }) => type === "speech.segment")).toHaveLength(1);
  const kept = await tell({ input, timestamps: "segment", progress: true });
  expect([kept.cache, kept.events.map(({ type }) => type)]).toEqual(["HIT", ["speech.segment"]]);
});

describe("what was told once", () => {
  const input = "The first sentence is here. The second one follows it, and goes on for longer.";

  it("is told again from the cache, to all who ask for as much", async () => {
    const first = await tell({ input });
    const second = await tell({ input });
    expect([first.cache, second.cache]).toEqual(["MISS", "HIT"]);
    expect(second.events).toEqual(first.events);
    const segments = await tell({ input, timestamps: "segment" });
    expect(segments.cache).toBe("HIT");
    expect(segments.events).toEqual(first.events.filter(({ type }) => type !== "speech.word"));
    const silent = await tell({ input, timestamps: undefined });
    expect([silent.cache, silent.events]).toEqual(["HIT", []]);
  });

  it("is not known of a file that was spoken without: that is spoken once more, the same", async () => {
    const text = "Nobody asked when this is said.";
    const without = await tell({ input: text, timestamps: undefined });
    const segment = await tell({ input: text, timestamps: "segment" });
    const word = await tell({ input: text });
    expect([without.cache, segment.cache, word.cache]).toEqual(["MISS", "MISS", "MISS"]);
    expect((await tell({ input: text })).cache).toBe("HIT");
    expect(Buffer.from(word.pcm.buffer).equals(Buffer.from(without.pcm.buffer))).toBe(true);
  });

  it("is part of a document in base64, at the origin too", async () => {
    const { events } = await tell({ input });
    for (const url of [system.url, system.origin.url]) {
      const fields = { input, voice: "echo", timestamps: "word", sample_rate: sampleRate };
      const pcm = { ...fields, response_format: "pcm" };
      const answer = await postSpeech(url, pcm, { path: "/v1/audio/speech/base64" });
      expect(base64AnswerSchema.parse(await answer.json()).timestamps).toEqual(
        timestampsOf(events),
      );
    }
  });

  it("can be had as subtitles, by links and as JSON by the same id", async () => {
    const { events, urls } = await tell({ input });
    const vtt = await fetch(urls.vtt_url ?? "");
    expect(vtt.headers.get("content-type")).toBe("text/vtt; charset=utf-8");
    const text = await vtt.text();
    expect(text).toMatch(
      /^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:0\d\.\d{3}\nThe first sentence is here\.\n/,
    );
    const srt = await (await fetch(urls.srt_url ?? "")).text();
    expect(srt).toMatch(/^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\nThe first sentence is here\.\n/);
    const id = /speech\/([0-9a-f]{64})\.vtt/.exec(urls.vtt_url ?? "")?.[1];
    const json = await fetch(`${system.url}/v1/audio/speech/${id}.json`);
    expect(timestampsSchema.parse(await json.json())).toEqual(timestampsOf(events));
  });

  it("is a 404 for a file of which nothing was asked, and a 403 by a link of another name", async () => {
    const { urls } = await tell({ input: "Nothing is told of this.", timestamps: undefined });
    const plain = await fetch((urls.url ?? "").replace(/\.pcm\?.*/, ".vtt"));
    expect(plain.status).toBe(404);
    const forged = await fetch((urls.url ?? "").replace(".pcm", ".vtt"));
    expect([403, 404]).toContain(forged.status);
  });
});

it("two who ask at once for different things hear one voice, and each gets what they asked for", async () => {
  const input = "Both of us hear this sentence, and one of us reads along.";
  const [one, other] = await Promise.all([tell({ input }), tell({ input, timestamps: undefined })]);
  expect(timestampsOf(one.events).words?.length).toBe(12);
  expect(other.events).toEqual([]);
  expect(Buffer.from(one.pcm.buffer).equals(Buffer.from(other.pcm.buffer))).toBe(true);
});
