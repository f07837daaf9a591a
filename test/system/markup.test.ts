import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { base64AnswerSchema } from "../../shared/answers.ts";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

const sampleRate = 24_000;

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({}, { AUDIO: "audio" });
});

afterAll(() => system.close());

const origins = () => ({ edge: system.url, origin: system.origin.url });

async function samplesOf(fields: Record<string, unknown>, url = system.url): Promise<Int16Array> {
  const answer = await postSpeech(url, { ...fields, response_format: "pcm" });
  expect(answer.status).toBe(200);
  return new Int16Array(await answer.arrayBuffer());
}

/** The longest time in which nothing sounds, in seconds, but for the beginning and the end. */
function longestPause(pcm: Int16Array): number {
  let longest = 0;
  let last: number | undefined;
  for (const [at, sample] of pcm.entries()) {
    if (Math.abs(sample) <= 100) continue;
    longest = Math.max(longest, at - (last ?? at));
    last = at;
  }
  return longest / sampleRate;
}

const rms = (pcm: Int16Array) =>
  Math.sqrt(pcm.reduce((sum, sample) => sum + sample ** 2, 0) / pcm.length);

describe.each(["edge", "origin"] as const)("at the %s", (program) => {
  const say = (input: string, fields = {}) =>
    samplesOf({ input, voice: "echo", ...fields }, origins()[program]);

  it("a break in SSML is as long as it says, with 20 ms of what is almost silent around it", async () => {
    for (const seconds of [0.8, 2]) {
      const pause = longestPause(await say(`<speak>One <break time="${seconds}s"/> two.</speak>`));
      expect(pause).toBeGreaterThanOrEqual(seconds);
      expect(pause).toBeLessThan(seconds + 0.12);
    }
  });

  it("a tag in brackets is followed where it is asked for, and else read out", async () => {
    const input = "One [pause:900ms] two.";
    expect(longestPause(await say(input, { markup: "tags" }))).toBeGreaterThanOrEqual(0.9);
    expect(longestPause(await say(input))).toBeLessThan(0.5);
  });

  it("speaks a dialogue by its speakers, with a pause between turns, all equally loud", async () => {
    const turns = [
      { voice: "echo", text: "Good morning to you, is the ferry running?" },
      { voice: "sage", text: "It is, though the water is as high as ever." },
    ];
    const [first, second] = await Promise.all(turns.map(({ voice, text }) => say(text, { voice })));
    const together = await samplesOf({ input: turns }, origins()[program]);
    expect(longestPause(together)).toBeGreaterThan(0.3);
    const alone = (first?.length ?? 0) + (second?.length ?? 0);
    expect(Math.abs(together.length - alone)).toBeLessThan(1.2 * sampleRate);
    const half = first?.length ?? 0;
    const levels = [together.subarray(0, half), together.subarray(half)].map(rms);
    expect(20 * Math.log10((levels[0] ?? 1) / (levels[1] ?? 1))).toBeCloseTo(0, -0.5);
  });

  it("tells who says what of a dialogue", async () => {
    const input = [
      { voice: "echo", text: "Is it far?" },
      { voice: "alloy(1)+nova(3)", text: "Not at all." },
    ];
    const answer = await fetch(`${origins()[program]}/v1/audio/speech/base64`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "tts-1", input, timestamps: "segment" }),
    });
    expect([answer.status, answer.headers.get("x-ignored-fields")]).toEqual([200, "voice"]);
    const { timestamps } = base64AnswerSchema.parse(await answer.json());
    const told = timestamps?.segments.map(({ speaker, text }) => [speaker, text]);
    expect(told).toEqual([
      ["Dylan", "Is it far?"],
      ["Vivian(1)+Aiden(3)", "Not at all."],
    ]);
  });

  it("a passage is as fast and as loud as it says", async () => {
    const [plain, fast, soft] = [
      await say("<speak>How many words are in this sentence here?</speak>"),
      await say(
        '<speak><prosody rate="200%">How many words are in this sentence here?</prosody></speak>',
      ),
      await say(
        '<speak><prosody volume="-12dB">How many words are in this sentence here?</prosody></speak>',
      ),
    ];
    expect(fast.length / plain.length).toBeCloseTo(0.5, 1);
    expect(20 * Math.log10(rms(soft) / rms(plain))).toBeCloseTo(-12, 0);
  });

  it("a voice within the text is the one it names", async () => {
    // As espeak-ng makes it, so that it does not depend on what was before.
    const fields = { sample_rate: 22_050 };
    const ofEcho = await say("I am someone else.", fields);
    const both = await say(
      '<speak><voice name="alloy">Hello.</voice><voice name="echo">I am someone else.</voice></speak>',
      fields,
    );
    // It ends as the other voice does, but for the first 10 ms, which are faded in.
    const ending = ofEcho.slice(-sampleRate / 2);
    expect(Buffer.from(both.slice(-ending.length)).equals(Buffer.from(ending))).toBe(true);
  });

  it("what is only paused is silence", async () => {
    const pcm = await say('<speak><break time="1s"/></speak>');
    expect(pcm).toHaveLength(sampleRate);
    expect(pcm.every((sample) => sample === 0)).toBe(true);
  });

  it.each([
    ["<speak>broken", "invalid_ssml"],
    ['<speak><break time="1h"/></speak>', "invalid_ssml"],
    [`<speak>${"<p>".repeat(500)}${"</p>".repeat(500)}</speak>`, "invalid_ssml"],
    ["<p>".repeat(10_000), "string_above_max_length"],
  ])("%.40s is a 400", async (input, code) => {
    const answer = await postSpeech(origins()[program], { input, input_format: "ssml" });
    expect(answer.status).toBe(400);
    const { error } = errorEnvelopeSchema.parse(await answer.json());
    expect(error).toMatchObject({ type: "invalid_request_error", param: "input", code });
  });

  it("bad markup in a tag is a 400", async () => {
    const fields = { input: "a [pause:long] b", markup: "tags" };
    const answer = await postSpeech(origins()[program], fields);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "invalid_markup" } });
  });
});

it("names what was spoken through, from the cache too", async () => {
  const input =
    '<speak>Hello <audio src="x"/> <emphasis>there</emphasis> <nonsense>you</nonsense>.</speak>';
  const answers = [];
  for (const url of [system.url, system.url, system.origin.url]) {
    const answer = await postSpeech(url, { model: "tts-1-hd", input });
    await answer.arrayBuffer();
    answers.push(answer.headers);
  }
  expect(answers[1]?.get("x-cache")).toBe("HIT");
  // The builtin engine follows no instructions.
  for (const headers of answers) {
    expect(headers.get("x-ignored-elements")).toBe("audio, nonsense, emphasis");
  }
});
