import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Origin } from "../../../origin/http/server.ts";
import { postSpeech } from "../../support/speech.ts";
import { startTestOrigin } from "../../support/system.ts";

const customVoice = "qwen3-tts-12hz-0.6b-custom-voice";

/** An origin whose engine speaks at so many times real time. */
async function startPaced(pace: string, environment: Record<string, string>): Promise<Origin> {
  process.env.BUILTIN_PACE = pace;
  try {
    return await startTestOrigin(environment);
  } finally {
    delete process.env.BUILTIN_PACE;
  }
}

describe("an origin with tokens", () => {
  const token = { authorization: "Bearer new-token" };
  let origin: Origin;

  beforeAll(async () => {
    origin = await startTestOrigin({ ORIGIN_TOKEN: "new-token,old-token" });
  });

  afterAll(() => origin.close());

  it.each(["new-token", "old-token"])("speaks for the bearer of %s", async (value) => {
    const headers = { authorization: `Bearer ${value}` };
    const answer = await postSpeech(origin.url, {}, { headers });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  });

  it.each([{}, { authorization: "Bearer other" }, { authorization: "Basic bmV3" }])(
    "refuses %j",
    async (headers) => {
      const answer = await postSpeech(origin.url, {}, { headers });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({
        error: { type: "invalid_request_error", code: "invalid_api_key" },
      });
    },
  );

  it("keeps its metrics for their bearers, and lists and health for anybody", async () => {
    expect((await fetch(`${origin.url}/metrics`)).status).toBe(401);
    for (const path of ["/v1/models", "/v1/audio/voices", "/health", "/ready"]) {
      expect((await fetch(origin.url + path)).status, path).toBe(200);
    }
  });

  it("counts requests, first bytes, durations and seconds of audio", async () => {
    const ask = (fields: object) =>
      postSpeech(origin.url, { ...fields, voice: "echo" }, { headers: token });
    await (await ask({ response_format: "wav" })).arrayBuffer();
    await (await ask({ speed: 9 })).arrayBuffer();

    const metrics = await (await fetch(`${origin.url}/metrics`, { headers: token })).text();

    expect(metrics).toContain('tts_requests_total{route="/v1/audio/speech",status="400"} 1');
    expect(metrics).toMatch(/tts_requests_total\{route="\/v1\/audio\/speech",status="200"\} [1-9]/);
    const labels = `engine="builtin",model="${customVoice}",format="wav",delivery="streamed"`;
    expect(metrics).toContain(`tts_first_byte_seconds_count{${labels}} 1`);
    expect(metrics).toContain(`tts_duration_seconds_count{${labels},outcome="complete"} 1`);
    expect(metrics).toMatch(new RegExp(`tts_audio_seconds_total\\{${labels}\\} \\d+\\.\\d+`));
    expect(metrics).toContain(`tts_real_time_factor_ratio_count{${labels}} 1`);
    expect(metrics).toContain("tts_active_streams 0");
    expect(metrics).toContain('tts_jobs{status="queued"} 0');
    expect(metrics).toContain("tts_owed_audio_seconds 0");
    expect(metrics).toMatch(/tts_codec_frames_total\{engine="builtin",model="[^"]+"\} [1-9]/);
    expect(metrics).toMatch(/tts_engine_utterances_total\{engine="builtin",model=""\} [1-9]/);
    expect(metrics).toMatch(/tts_engine_chunks_total\{engine="builtin",model=""\} [1-9]/);
    expect(metrics).toContain('tts_engine_restarts_total{engine="builtin",model=""} 0');
  });
});

it("names its metrics as `promtool check metrics` wants", async () => {
  const origin = await startTestOrigin({ ENGINE: "builtin" });
  const lines = (await (await fetch(`${origin.url}/metrics`)).text()).split("\n");
  await origin.close();
  const types = lines.flatMap((line) => {
    const [, name = "", type = ""] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    return name ? [{ name, type }] : [];
  });
  expect(types.length).toBeGreaterThan(20);
  for (const { name, type } of types) {
    expect(lines, name).toContainEqual(expect.stringMatching(new RegExp(`^# HELP ${name} \\S`)));
    expect(name.endsWith("_total"), `${name} is a ${type}`).toBe(type === "counter");
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    // Base units alone, no type in the name, and no suffix of a histogram's series.
    expect(name).not.toMatch(
      /_(milliseconds|ms|minutes|kilobytes|megabytes|percent|gauge|counter|histogram)(_|$)/,
    );
    expect(name).not.toMatch(/_(count|sum|bucket)$/);
  }
});

it("refuses what is too much, and finishes what it says before it stops", async () => {
  const origin = await startPaced("1", { MAX_STREAMS: "1", DRAIN_SECONDS: "60" });
  const input = "This sentence is said to its end, and so is this one.";
  const audio = (await postSpeech(origin.url, { input, response_format: "wav" })).arrayBuffer();

  const second = await postSpeech(origin.url);
  expect(second.status).toBe(503);
  const metrics = await (await fetch(`${origin.url}/metrics`)).text();
  expect(metrics).toMatch(/^tts_owed_audio_seconds (?!0$)\d/m);
  expect(second.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
  expect(await second.json()).toMatchObject({ error: { code: "server_is_overloaded" } });

  const closed = origin.close();
  const ready = await fetch(`${origin.url}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ error: { code: "server_stopping" } });
  expect(await (await postSpeech(origin.url)).json()).toMatchObject({
    error: { code: "server_stopping" },
  });

  expect((await audio).byteLength).toBeGreaterThan(2.5 * 48_000);
  await closed;
  await expect(fetch(`${origin.url}/ready`)).rejects.toThrow();
});

it("refuses what would be late because of the others, by the speed it has measured, and takes what would not", async () => {
  const origin = await startPaced("0.25", { MAX_WAIT_SECONDS: "15", DRAIN_SECONDS: "10" });
  const input = "This sentence is said slowly. ".repeat(4);
  const ask = (text: string) => postSpeech(origin.url, { input: text, response_format: "pcm" });
  const streams = await Promise.all([ask(input), ask(input)]);
  await expect.poll(() => origin.engines.builtin?.speedWith(3)).toBeDefined();

  const late = await ask(input);
  expect(late.status).toBe(503);
  expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(10);
  expect(await late.json()).toMatchObject({
    error: {
      code: "server_is_overloaded",
      message: expect.stringMatching(
        /^With the streams under way this text would be spoken (1[6-9]|[2-9]\d|\d{3}) seconds late\.$/,
      ),
    },
  });
  const short = await ask("Hi.");
  expect(short.status).toBe(200);

  for (const { body } of [...streams, short]) await body?.cancel();
  await origin.close();
});

it("counts how often a listener runs dry, by model and format, and not where nobody plays what comes as it comes", async () => {
  const origin = await startPaced("0.5", {});
  const input = "This is said too slowly.";
  const ask = async (path: string, fields: object) => {
    const answer = await fetch(`${origin.url}/v1/audio/speech${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "tts-1", voice: "alloy", ...fields }),
    });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  };
  await Promise.all([
    ask("", { input, response_format: "pcm" }),
    ask("", { input, response_format: "wav", stream_format: "sse", stream: false }),
    ask("", { input, response_format: "mulaw", stream: false }),
    ask("/base64", { input, response_format: "alaw" }),
    ask("/batch", { items: [{ input, response_format: "flac" }] }),
  ]);
  const metrics = await (await fetch(`${origin.url}/metrics`)).text();
  await origin.close();

  const counts = (series: string) =>
    Object.fromEntries(
      Array.from(
        metrics.matchAll(
          new RegExp(
            `^${series}\\{engine="builtin",model="${customVoice}",format="(\\w+)"\\} (\\d+)$`,
            "gm",
          ),
        ),
        ([, format = "", count]) => [format, Number(count)],
      ),
    );
  const underruns = counts("tts_underruns_total");
  expect(Object.keys(underruns).sort()).toEqual(["pcm", "wav"]);
  for (const count of Object.values(underruns)) expect(count).toBeGreaterThan(0);
  expect(counts("tts_gap_seconds_count")).toEqual(underruns);
  const whole = metrics.matchAll(
    /^tts_duration_seconds_count\{.*format="(\w+)",delivery="whole"/gm,
  );
  expect(Array.from(whole, ([, format]) => format).sort()).toEqual(["alaw", "flac", "mulaw"]);
});

it("cuts off what outlasts the drain time, with a reset", async () => {
  const origin = await startPaced("1", { DRAIN_SECONDS: "0" });
  const answer = await postSpeech(origin.url, { input: "One sentence. ".repeat(20) });
  const body = answer.arrayBuffer();
  await delay(100);
  await Promise.all([expect(body).rejects.toThrow(), origin.close()]);
});
