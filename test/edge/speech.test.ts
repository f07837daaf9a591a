import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { base64AnswerSchema, speechStreamEventSchema } from "../../shared/answers.ts";
import { wavHeader } from "../../shared/wav-header.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { sendSpeech, speech, validSpeech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { createGate } from "../support/gate.ts";
import { receive } from "../support/sockets.ts";

const audio = noise(5000);

let origin: FramesOrigin;
let edge: Edge;

beforeAll(async () => {
  origin = await startFramesOrigin();
  edge = await startEdge({ ORIGIN_URLS: origin.url });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

describe("POST /v1/audio/speech", () => {
  test("answers with the origin's audio, byte for byte, and says what it is", async () => {
    origin.behave(speak(() => framesOf(audio)));

    const { status, headers, body, ended } = await speech(edge.url, { response_format: "opus" });

    expect({ status, ended }).toEqual({ status: 200, ended: "complete" });
    expect(body.equals(audio)).toBe(true);
    expect(headers).toMatchObject({
      "content-type": "audio/opus",
      "content-disposition": 'attachment; filename="speech.opus"',
      "x-model": "tts-1",
      "x-voice": "alloy",
      "x-resolved-model": "qwen3-tts-12hz-0.6b-custom-voice",
      "x-speaker": "Vivian",
      "x-engine": "builtin",
      "x-seed": "7",
      "x-sample-rate": "24000",
      "x-accel-buffering": "no",
      "x-request-id": expect.stringMatching(/^req_[0-9a-f]{32}$/),
      "access-control-allow-origin": "*",
    });
  });

  test("sends the origin what it knows of the client's body, with names as they were resolved, and of its headers the trace alone", async () => {
    origin.behave(speak(() => framesOf(audio)));
    const body = `\n{ "voice": "alloy",  "model": "TTS-1", "input": "\\u00e9 ☃", "speed": 1.50, "tempo": 2 }\n`;

    const answer = await fetch(`${edge.url}/v1/audio/speech?key=secret`, {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        "x-request-id": "my-own-id",
        authorization: "Bearer client-key",
        cookie: "session=1",
        accept: "application/octet-stream",
        "accept-language": "fr",
        "user-agent": "OpenAI/JS 6.49.0",
        origin: "https://app.example",
        referer: "https://app.example/page",
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        tracestate: "congo=t61rcWkgMzE",
        forwarded: "for=203.0.113.9",
        via: "1.1 somewhere",
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-proto": "https",
        "x-real-ip": "203.0.113.9",
        "cf-connecting-ip": "203.0.113.9",
        "cf-ipcountry": "FR",
        "x-stainless-lang": "js",
        "x-stainless-timeout": "60",
        "openai-organization": "org-1",
        "x-openwebui-user-name": "Ada",
      },
      body,
    });
    await answer.arrayBuffer();

    expect(answer.headers.get("x-request-id")).toBe("my-own-id");
    const order = origin.orders.at(-1);
    expect(order).toMatchObject({ method: "POST", path: "/v1/audio/speech" });
    expect(JSON.parse(order?.body ?? "")).toEqual({
      voice: "Vivian",
      model: "qwen3-tts-12hz-0.6b-custom-voice",
      input: "é ☃",
      speed: 1.5,
      language: "auto",
    });
    expect(order?.headers).toEqual({
      host: new URL(origin.url).host,
      accept: "application/vnd.tts-frames",
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(order?.body ?? "")),
      "user-agent": "qwen3-tts-edge",
      "x-request-id": "my-own-id",
      traceparent: expect.stringMatching(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/),
      tracestate: "congo=t61rcWkgMzE",
      "x-deadline-ms": expect.stringMatching(/^\d+$/),
      // Cloudflare's own, on every request a Worker makes.
      "cf-worker": expect.any(String),
    });
  });

  test("passes on of the origin's headers only those that speak of the audio", async () => {
    origin.behave(
      speak(() => framesOf(audio), {
        server: "nginx",
        via: "1.1 proxy",
        "set-cookie": "session=1",
        "keep-alive": "timeout=5",
        "x-powered-by": "something",
        "x-request-id": "the-origins-own",
        "access-control-allow-origin": "https://elsewhere.example",
        "cache-control": "public",
        "content-encoding": "identity",
        trailer: "x-checksum",
      }),
    );
    const { headers } = await speech(edge.url);
    expect(Object.keys(headers).sort()).toEqual([
      "access-control-allow-origin",
      "access-control-expose-headers",
      "cache-control",
      "cache-status",
      "connection",
      "content-disposition",
      "content-type",
      "cross-origin-resource-policy",
      "transfer-encoding",
      "x-accel-buffering",
      "x-cache",
      "x-content-type-options",
      "x-engine",
      "x-model",
      "x-request-id",
      "x-resolved-model",
      "x-sample-rate",
      "x-seed",
      "x-speaker",
      "x-voice",
    ]);
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["x-request-id"]).toMatch(/^req_/);
  });

  test("prefers the origin's list of ignored fields to its own", async () => {
    origin.behave(speak(() => framesOf(audio), { "x-ignored-fields": "user, temperature" }));
    const { headers } = await speech(edge.url, { user: "u", temperature: 1 });
    expect(headers["x-ignored-fields"]).toBe("user, temperature");
  });

  test("passes audio on as soon as it is there, and ends when the origin does", async () => {
    const gate = createGate();
    origin.behave(speak(() => framesOf(audio, { between: () => gate.opened })));

    const answer = await sendSpeech(edge.url).head;
    const first = await new Promise<Buffer>((resolve) => answer.once("data", resolve));
    answer.pause();
    expect(first.equals(audio.subarray(0, 1000))).toBe(true);

    gate.open();
    const { body, ended } = await receive(answer);
    expect(ended).toBe("complete");
    expect(body.equals(audio.subarray(1000))).toBe(true);
  });
});

describe("stream_format sse", () => {
  test("tells the audio in deltas, one for each packet, and then the usage", async () => {
    origin.behave(speak(() => framesOf(audio)));

    const { headers, body } = await speech(edge.url, { stream_format: "sse" });

    expect(headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(headers).not.toHaveProperty("content-disposition");
    const events = body
      .toString()
      .split("\n\n")
      .filter((event) => event !== "")
      .map((event) => speechStreamEventSchema.parse(JSON.parse(event.replace(/^data: /, ""))));
    const deltas = events.flatMap((event) =>
      event.type === "speech.audio.delta" ? [Buffer.from(event.audio, "base64")] : [],
    );
    expect(deltas).toHaveLength(5);
    expect(Buffer.concat(deltas).equals(audio)).toBe(true);
    expect(events.at(-1)).toEqual({
      type: "speech.audio.done",
      usage: { input_tokens: 5, output_tokens: 13, total_tokens: 18 },
    });
  });

  test("asks the origin for frames like any other request", async () => {
    origin.behave(speak(() => framesOf(audio)));
    await speech(edge.url, { stream_format: "sse" });
    expect(origin.orders.at(-1)?.headers.accept).toBe("application/vnd.tts-frames");
  });
});

describe("POST /v1/audio/speech/base64", () => {
  const path = "/v1/audio/speech/base64";

  test("answers with one JSON document", async () => {
    origin.behave(speak(() => framesOf(audio)));

    const { status, headers, body } = await speech(edge.url, {}, { path });

    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-type": "application/json", "x-seed": "7" });
    // Who plays nothing before it is whole cannot run dry, which origins count.
    expect(JSON.parse(origin.orders.at(-1)?.body ?? "")).toMatchObject({ stream: false });
    expect(base64AnswerSchema.strict().parse(JSON.parse(body.toString()))).toEqual({
      audio: Buffer.from(audio).toString("base64"),
      format: "mp3",
      sample_rate: 24_000,
      duration_ms: 1000,
      usage: { input_tokens: 5, output_tokens: 13, total_tokens: 18 },
    });
    expect(origin.orders.at(-1)?.path).toBe("/v1/audio/speech");
  });

  test("gives a WAV file its true sizes", async () => {
    const wav = Uint8Array.from([...wavHeader(24_000), ...audio]);
    origin.behave(speak(() => framesOf(wav)));

    const { body } = await speech(edge.url, { response_format: "wav" }, { path });

    const file = Buffer.from(JSON.parse(body.toString()).audio, "base64");
    expect(file.readUInt32LE(4)).toBe(5036);
    expect(file.readUInt32LE(40)).toBe(5000);
    expect(file.subarray(44).equals(audio)).toBe(true);
  });
});

test("logs one line for each request, without what was said or who asked", async () => {
  origin.behave(speak(() => framesOf(audio)));
  const headers = { "x-request-id": "logged", authorization: "Bearer sk-secret" };
  await speech(edge.url, {}, { path: "/v1/audio/speech?api_key=sk-secret", headers });

  await expect.poll(() => edge.log.filter((line) => line.id === "logged")).toHaveLength(1);
  const [line] = edge.log.filter((entry) => entry.id === "logged");
  expect(line).toEqual({
    id: "logged",
    method: "POST",
    route: "/v1/audio/speech",
    status: 200,
    caller: "open",
    head_ms: expect.any(Number),
    duration_ms: expect.any(Number),
    source: "uncached",
    audio_bytes: 5000,
  });
  expect(JSON.stringify(edge.log)).not.toMatch(/sk-secret/);
  expect(JSON.stringify(edge.log)).not.toContain(validSpeech.input);
});
