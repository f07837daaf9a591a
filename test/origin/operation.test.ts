import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { postSpeech } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";

it("wants one of its tokens for speech and metrics, and none for lists and health", async () => {
  const origin = await startTestOrigin({ ORIGIN_TOKEN: "new-token,old-token" });
  const speak = (headers: Record<string, string>) => postSpeech(origin.url, {}, { headers });
  try {
    for (const token of ["new-token", "old-token"]) {
      const answer = await speak({ authorization: `Bearer ${token}` });
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    }
    for (const headers of [
      {},
      { authorization: "Bearer other" },
      { authorization: "Basic bmV3" },
    ]) {
      const answer = await speak(headers);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({
        error: { type: "invalid_request_error", code: "invalid_api_key" },
      });
    }
    expect((await fetch(`${origin.url}/metrics`)).status).toBe(401);
    for (const path of ["/v1/models", "/v1/audio/voices", "/health", "/ready"]) {
      expect((await fetch(origin.url + path)).status, path).toBe(200);
    }
  } finally {
    await origin.close();
  }
});

it("counts requests, first bytes, durations and seconds of audio", async () => {
  const origin = await startTestOrigin();
  try {
    await (await postSpeech(origin.url, { response_format: "wav" })).arrayBuffer();
    await (await postSpeech(origin.url, { speed: 9 })).arrayBuffer();
    const metrics = await (await fetch(`${origin.url}/metrics`)).text();
    expect(metrics).toContain('tts_requests_total{route="/v1/audio/speech",status="200"} 1');
    expect(metrics).toContain('tts_requests_total{route="/v1/audio/speech",status="400"} 1');
    expect(metrics).toContain('tts_first_byte_seconds_count{engine="builtin",format="wav"} 1');
    expect(metrics).toContain(
      'tts_duration_seconds_count{engine="builtin",format="wav",outcome="complete"} 1',
    );
    expect(metrics).toMatch(
      /tts_audio_seconds_total\{engine="builtin",model="qwen3-tts-12hz-0.6b-custom-voice"\} 1\.\d+/,
    );
    expect(metrics).toContain("tts_active_streams 0");
  } finally {
    await origin.close();
  }
});

it("answers 503 with a time to retry when every place is taken", async () => {
  process.env.BUILTIN_PACE = "4";
  const origin = await startTestOrigin({ MAX_STREAMS: "1" });
  try {
    const first = await postSpeech(origin.url);
    const second = await postSpeech(origin.url);
    expect(second.status).toBe(503);
    expect(second.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    expect(await second.json()).toMatchObject({ error: { code: "server_is_overloaded" } });
    await first.arrayBuffer();
    const third = await postSpeech(origin.url);
    expect(third.status).toBe(200);
    await third.arrayBuffer();
  } finally {
    delete process.env.BUILTIN_PACE;
    await origin.close();
  }
});

it("finishes what it is saying before it stops, and says meanwhile that it is not ready", async () => {
  process.env.BUILTIN_PACE = "2";
  const origin = await startTestOrigin({ DRAIN_SECONDS: "20" });
  delete process.env.BUILTIN_PACE;
  const audio = (
    await postSpeech(origin.url, {
      input: "This sentence is said to its end.",
      response_format: "wav",
    })
  ).arrayBuffer();
  const closed = origin.close();
  const ready = await fetch(`${origin.url}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ error: { code: "server_stopping" } });
  expect((await postSpeech(origin.url)).status).toBe(503);
  const whole = await audio;
  expect(whole.byteLength).toBeGreaterThan(24_000);
  await closed;
  await expect(fetch(`${origin.url}/ready`)).rejects.toThrow();
});

it("cuts off what outlasts the drain time, with a reset", async () => {
  process.env.BUILTIN_PACE = "1";
  const origin = await startTestOrigin({ DRAIN_SECONDS: "0" });
  delete process.env.BUILTIN_PACE;
  const answer = await postSpeech(origin.url, { input: "One sentence. ".repeat(20) });
  const body = answer.arrayBuffer();
  await delay(100);
  await Promise.all([expect(body).rejects.toThrow(), origin.close()]);
});
