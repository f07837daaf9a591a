import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { startEdges } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";

let origin: FramesOrigin;
let edges: Awaited<ReturnType<typeof start>>;

async function start() {
  return startEdges({
    below: { ORIGIN_URLS: `${origin.url}/tts/one` },
    unset: {},
    empty: { ORIGIN_URLS: " , " },
    notUrl: { ORIGIN_URLS: `${origin.url},localhost:8880` },
    shortSecret: { ORIGIN_URLS: origin.url, URL_SIGNING_SECRET: "a short one", AUDIO: "audio" },
    badNames: { ORIGIN_URLS: origin.url, VOICE_ALIASES: "{" },
    named: {
      ORIGIN_URLS: origin.url,
      MODEL_ALIASES: '{"kokoro": "tts-1"}',
      VOICE_ALIASES: '{"af_bella": "nova"}',
      VOICE_NAMES: "both",
    },
    noTimeout: { ORIGIN_URLS: origin.url, ORIGIN_TIMEOUT_SECONDS: "soon" },
  });
}

beforeAll(async () => {
  origin = await startFramesOrigin();
  edges = await start();
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

test("an origin may live below a path", async () => {
  origin.behave(speak(() => framesOf(noise(100))));
  await speech(edges.urls.below);
  expect(origin.orders.at(-1)?.path).toBe("/tts/one/v1/audio/speech");
});

describe("a setting that is", () => {
  const listRule =
    "ORIGIN_URLS must be http or https URLs without user, query or fragment; entry 2 is not";
  test.each([
    ["missing", "unset", "ORIGIN_URLS must be set to the URL of at least one origin"],
    ["empty", "empty", "ORIGIN_URLS must be set to the URL of at least one origin"],
    ["no URL", "notUrl", listRule],
    ["no number", "noTimeout", "ORIGIN_TIMEOUT_SECONDS must be a number above 0 and at most 600"],
    [
      "no JSON",
      "badNames",
      'VOICE_ALIASES must be a JSON object of names, such as {"af_bella": "nova"}; got "{"',
    ],
    ["too short", "shortSecret", "URL_SIGNING_SECRET must have at least 32 characters"],
  ] as const)("%s is named in a 500, and nothing is begun", async (_what, edge, problem) => {
    const orders = origin.orders.length;
    const { status, headers, body } = await speech(edges.urls[edge]);
    expect(origin.orders).toHaveLength(orders);
    expect(status).toBe(500);
    expect(headers["x-should-retry"]).toBe("false");
    expect(JSON.parse(body.toString()).error).toEqual({
      message: `This server is not set up: ${problem}.`,
      type: "server_error",
      param: null,
      code: "misconfigured",
    });
  });
});

test("names of an operator's own are spoken as what they stand for, and listed when asked", async () => {
  origin.behave(speak(() => framesOf(noise(100))));
  const { named } = edges.urls;
  const answer = await speech(named, { model: "Kokoro", voice: "AF_bella" });
  expect(answer.headers).toMatchObject({
    "x-model": "kokoro",
    "x-resolved-model": "qwen3-tts-12hz-0.6b-custom-voice",
    "x-voice": "af_bella",
    "x-speaker": "Aiden",
  });
  expect(JSON.parse(origin.orders.at(-1)?.body ?? "")).toMatchObject({
    model: "qwen3-tts-12hz-0.6b-custom-voice",
    voice: "Aiden",
  });

  const ids = async (path: string) => {
    const list = z.object({ data: z.array(z.object({ id: z.string() })) });
    return list.parse(await (await fetch(named + path)).json()).data.map(({ id }) => id);
  };
  expect(await ids("/v1/models")).not.toContain("kokoro");
  expect(await ids("/v1/models?aliases=true")).toEqual(
    expect.arrayContaining(["kokoro", "tts-1-1106", "Qwen/Qwen3-TTS-12Hz-0.6B-Base"]),
  );
  expect(await ids("/v1/audio/voices")).not.toContain("af_bella");
  expect(await ids("/v1/audio/voices?aliases=true")).toContain("af_bella");
  const voice = await fetch(`${named}/v1/audio/voices/af_bella`);
  expect(await voice.json()).toMatchObject({ id: "af_bella", name: "af_bella (Aiden)" });
  expect((await fetch(`${edges.urls.badNames}/v1/audio/voices`)).status).toBe(500);
});

test.each(["unset", "notUrl", "noTimeout", "shortSecret"] as const)(
  "/health tells what is wrong (%s)",
  async (edge) => {
    const health = await fetch(`${edges.urls[edge]}/health`);
    expect(health.status).toBe(500);
    const told: unknown = await health.json();
    const { body } = await speech(edges.urls[edge]);
    expect(told).toEqual(JSON.parse(body.toString()));
  },
);
