import { once } from "node:events";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Origin } from "../../origin/http/server.ts";
import { voiceListSchema } from "../../shared/answers.ts";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { keptVoiceAnswerSchema } from "../../shared/voices/voice-record.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { storeKey, type TestKey } from "../support/keys.ts";
import { type TemporaryModels, temporaryModels } from "../support/packs.ts";
import { openSocket } from "../support/socket-client.ts";
import { receive, send } from "../support/sockets.ts";
import { speakAt48k, toFloatWav } from "../support/spoken-recordings.ts";
import { startTestOrigin } from "../support/system.ts";

let models: TemporaryModels;
/** The first has encoders and a designer; the second only speaks. */
let origins: Origin[];
let edge: Edge;
let anna: TestKey;
let bert: TestKey;
let recording: Uint8Array<ArrayBuffer>;
let consent: string;

const token = "between-edge-and-origins";

beforeAll(async () => {
  models = temporaryModels();
  await models.build("0.6b-base");
  await models.build("0.6b-custom-voice");
  await models.buildAs("1.7b-voice-design", "qwen3-tts-12hz-1.7b-voice-design");
  const settings = {
    MODELS_DIR: models.directory,
    ENGINE: "qwen3",
    ORIGIN_TOKEN: token,
  };
  origins = [await startTestOrigin(settings), await startTestOrigin(settings)];
  edge = await startEdge({
    ORIGIN_URLS: origins.map(({ url }) => url).join(","),
    ORIGIN_TOKEN: token,
    AUTH: "keys",
    AUDIO: "audio",
    FLIGHTS: true,
  });
  [anna, bert] = await Promise.all([storeKey(edge), storeKey(edge)]);
  recording = toFloatWav([await speakAt48k()], 48_000);
  const given = await post("/v1/audio/voice_consents", {
    name: "Anna's",
    language: "en-US",
    recording: new Blob([recording]),
  });
  expect(given.status).toBe(200);
  consent = ((await given.json()) as { id: string }).id;
});

afterAll(async () => {
  await edge.close();
  await Promise.all(origins.map((origin) => origin.close()));
  models.remove();
});

function ask(path: string, init: RequestInit = {}, key = anna): Promise<Response> {
  return fetch(edge.url + path, { ...init, headers: { ...key.headers, ...init.headers } });
}

function post(path: string, fields: Record<string, string | Blob>, key = anna): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return ask(path, { method: "POST", body }, key);
}

async function keep(name: string, fields: Record<string, string | Blob> = {}, key = anna) {
  const answer = await post(
    "/v1/audio/voices",
    { name, audio_sample: new Blob([recording]), consent, ...fields },
    key,
  );
  const text = await answer.text();
  expect([answer.status, text]).toEqual([200, text]);
  return keptVoiceAnswerSchema.parse(JSON.parse(text));
}

function speak(fields: Record<string, unknown>, key = anna): Promise<Response> {
  return ask(
    "/v1/audio/speech",
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "tts-1", input: "hello", response_format: "pcm", ...fields }),
    },
    key,
  );
}

async function refusal(asked: Response | Promise<Response>) {
  const answer = await asked;
  const { error } = errorEnvelopeSchema.parse(await answer.json());
  return [answer.status, error.code, error.param];
}

describe("a voice made of a recording", () => {
  it("speaks by its id and its name through any origin, as its own voice and nobody else's", async () => {
    const voice = await keep("Anna", { ref_text: "the quick brown fox" });
    expect(voice).toMatchObject({
      type: "audio_sample",
      name: "Anna",
      models: ["qwen3-tts-12hz-0.6b-base"],
      cloned_by: "reference",
      consent,
    });
    const spoken = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        speak({ voice: i % 2 ? voice.id : " ANNA ", input: `hello ${i}` }),
      ),
    );
    for (const answer of spoken) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-resolved-model")).toBe("qwen3-tts-12hz-0.6b-base");
      expect(answer.headers.get("x-voice")).toBe(voice.id);
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    }
    // Both origins have come to speak with it.
    const counted = await Promise.all(origins.map(spokenBy));
    expect(Math.min(...counted)).toBeGreaterThan(0);
    expect(await refusal(speak({ voice: voice.id }, bert))).toEqual([
      400,
      "voice_not_found",
      "voice",
    ]);
    const asked = await ask(`/v1/audio/voices/${voice.id}`, {}, bert);
    expect(await refusal(asked)).toEqual([404, "voice_not_found", null]);
  });

  it("is listed with the presets for its key alone, and heard by its sample", async () => {
    const voice = await keep("Listed");
    const listed = async (key?: TestKey) => {
      const answer = await (key
        ? ask("/v1/audio/voices", {}, key)
        : fetch(`${edge.url}/v1/audio/voices`));
      return voiceListSchema.parse(await answer.json()).data.map(({ id }) => id);
    };
    expect(await listed(anna)).toContain(voice.id);
    expect(await listed(anna)).toContain("alloy");
    expect(await listed(bert)).not.toContain(voice.id);
    expect(await listed()).not.toContain(voice.id);
    const sample = await ask(new URL(voice.preview_url).pathname);
    expect([sample.status, sample.headers.get("content-type")]).toEqual([200, "audio/mpeg"]);
    await sample.arrayBuffer();
    expect((await ask(new URL(voice.preview_url).pathname, {}, bert)).status).toBe(404);
    expect((await fetch(voice.preview_url)).status).toBe(401);
  });

  it("is renamed without sounding different, and gone everywhere with what it has spoken once it is deleted", async () => {
    const voice = await keep("Before", { ref_text: "renamed" });
    const fields = await keptSpeech(voice.id);
    const cache = await edge.audio();
    const spoken = async () => (await cache.list({ prefix: "voice:" })).keys.length;
    const before = await spoken();
    expect(before).toBeGreaterThan(0);
    const renamed = await ask(`/v1/audio/voices/${voice.id}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "After" }),
    });
    expect(await renamed.json()).toMatchObject({ id: voice.id, name: "After" });
    const again = await speak({ ...fields, voice: "after" });
    expect([again.status, again.headers.get("x-cache")]).toEqual([200, "HIT"]);
    const audio = (await cache.list({ prefix: "audio:" })).keys.length;
    const deleted = await ask(`/v1/audio/voices/${voice.id}`, { method: "DELETE" });
    expect(await deleted.json()).toMatchObject({ id: voice.id, deleted: true });
    expect(await refusal(speak(fields))).toEqual([400, "voice_not_found", "voice"]);
    expect(await refusal(ask(`/v1/audio/voices/${voice.id}`))).toEqual([
      404,
      "voice_not_found",
      null,
    ]);
    expect(await spoken()).toBeLessThan(before);
    expect((await cache.list({ prefix: "audio:" })).keys.length).toBeLessThan(audio);
  });

  it("speaks in a blend, in a dialogue, in markup, in a batch and over the routes of others", async () => {
    const [one, two] = [await keep("One"), await keep("Two", { ref_text: "another" })];
    const bodies: [string, object][] = [
      ["/v1/audio/speech", { model: "tts-1", voice: "one(2)+two", input: "hi" }],
      ["/v1/audio/speech", { model: "tts-1", voice: "one+alloy", input: "hi" }],
      [
        "/v1/audio/speech",
        {
          input: [
            { voice: "one", text: "hi" },
            { voice: two.id, text: "ho" },
          ],
        },
      ],
      ["/v1/audio/speech", { voice: "one", input: "hi [voice:two] ho", markup: "tags" }],
      [
        "/v1/audio/speech",
        { voice: "one", input: '<speak>hi <voice name="Two">ho</voice></speak>' },
      ],
      [`/v1/text-to-speech/${one.id}`, { text: "hi" }],
    ];
    for (const [path, body] of bodies) {
      const answer = await ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect([answer.status, path, body]).toEqual([200, path, body]);
      await answer.arrayBuffer();
    }
    const batch = await ask("/v1/audio/speech/batch", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        items: [
          { input: "hi", voice: "one" },
          { input: "ho", voice: "nobody" },
        ],
      }),
    });
    const lines = (await batch.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ error }) => error?.code ?? null).toSorted()).toEqual([
      null,
      "voice_not_found",
    ]);
  });
});

describe("the routes of voices", () => {
  it("are those that the OpenAI SDK asks", async () => {
    const client = new OpenAI({ baseURL: `${edge.url}/v1`, apiKey: anna.key });
    const body = new FormData();
    body.set("name", "By the SDK");
    body.set("consent", consent);
    body.set("audio_sample", new File([recording], "me.wav", { type: "audio/wav" }));
    const voice = await client.post<{ id: string }>("/audio/voices", { body });
    const speech = await client.audio.speech.create({
      model: "tts-1",
      voice: { id: voice.id },
      input: "hello",
      response_format: "wav",
    });
    expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    const consents = await client.get<{ data: { id: string }[] }>("/audio/voice_consents");
    expect(consents.data.map(({ id }) => id)).toContain(consent);
  });

  it("design a voice once, which then says all that it is given", async () => {
    const design = () =>
      ask("/v1/audio/voices", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          type: "prompt",
          name: "Designed",
          prompt: "A warm, low voice.",
          script_hint: "the quick brown fox jumps over the lazy dog",
        }),
      });
    let answer = await design();
    let text = await answer.text();
    // Random weights may come to an end in less than a second.
    for (let i = 0; i < 20 && text.includes("invalid_audio_length"); i++) {
      answer = await design();
      text = await answer.text();
    }
    expect([answer.status, text]).toEqual([200, text]);
    const voice = keptVoiceAnswerSchema.parse(JSON.parse(text));
    expect(voice).toMatchObject({
      type: "prompt",
      prompt: "A warm, low voice.",
      cloned_by: "reference",
    });
    expect((await speak({ voice: "designed" })).status).toBe(200);
  });

  it("keep consents of their own, and no voice without one", async () => {
    const given = await post("/v1/audio/voice_consents", {
      name: "Another",
      language: "de",
      recording: new Blob([recording]),
    });
    const { id, ...told } = (await given.json()) as Record<string, string>;
    expect(told).toMatchObject({ object: "audio.voice_consent", name: "Another", language: "de" });
    const path = `/v1/audio/voice_consents/${id}`;
    expect((await ask(path)).status).toBe(200);
    expect((await ask(path, {}, bert)).status).toBe(404);
    const fields = { name: "B", audio_sample: new Blob([recording]) };
    const refused = [
      post("/v1/audio/voices", fields),
      post("/v1/audio/voices", { ...fields, consent: id ?? "" }, bert),
      post("/v1/audio/voices", { ...fields, consent: "cons_" }),
    ];
    expect(await Promise.all(refused.map(refusal))).toEqual([
      [400, "missing_required_parameter", "consent"],
      [400, "consent_not_found", "consent"],
      [400, "consent_not_found", "consent"],
    ]);
    expect((await ask(path, { method: "DELETE" })).status).toBe(200);
    expect((await ask(path)).status).toBe(404);
  });

  const bidi = "a\u202eb";
  it.each([
    ["no name", {}, [400, "missing_required_parameter", "name"]],
    ["a preset's name", { name: "Alloy" }, [400, "invalid_value", "name"]],
    ["a name that is a path", { name: "../../etc/passwd" }, [400, "invalid_value", "name"]],
    ["a name with marks of direction", { name: bidi }, [400, "invalid_value", "name"]],
    ["a long name", { name: "a".repeat(257) }, [400, "invalid_value", "name"]],
    ["no recording", { name: "a" }, [400, "missing_required_parameter", "audio_sample"]],
    [
      "a recording of 0 bytes",
      { name: "a", audio_sample: new Blob([]) },
      [400, "invalid_value", "audio_sample"],
    ],
    [
      "a text for a recording",
      { name: "a", audio_sample: "../../etc/passwd" },
      [400, "invalid_value", "audio_sample"],
    ],
    [
      "a recording that is none",
      { name: "a", audio_sample: new Blob(["RIFF and no more"]) },
      [400, "invalid_audio", "audio_sample"],
    ],
    [
      "a ZIP",
      { name: "a", audio_sample: new Blob(["PK\x03\x04", new Uint8Array(1000)]) },
      [400, "invalid_audio", "audio_sample"],
    ],
    [
      "more than 10 MiB",
      { name: "a", audio_sample: new Blob([new Uint8Array(10 * 1024 * 1024 + 1)]) },
      [400, "file_too_large", "audio_sample"],
    ],
    ["another type", { name: "a", type: "song" }, [400, "invalid_value", "type"]],
    [
      "a description of nothing",
      { name: "a", type: "prompt" },
      [400, "missing_required_parameter", "prompt"],
    ],
    [
      "a long description",
      { name: "a", type: "prompt", prompt: "a".repeat(2001) },
      [400, "string_above_max_length", "prompt"],
    ],
  ] as [string, Record<string, string | Blob>, unknown[]][])(
    "refuse %s at edge and origin alike, and keep nothing of it",
    async (_what, fields, expected) => {
      const sent = fields.audio_sample === undefined ? fields : { ...fields, consent };
      expect(await refusal(post("/v1/audio/voices", sent))).toEqual(expected);
      const body = new FormData();
      for (const [name, value] of Object.entries(sent)) body.set(name, value);
      const asked = await fetch(`${origins[0]?.url}/v1/audio/voices`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body,
      });
      const [status, code, param] = await refusal(asked);
      // The origin itself has been given no consent.
      if (code !== "consent_not_found") expect([status, code, param]).toEqual(expected);
    },
  );

  it("are asked by many at once, who wait for each other", async () => {
    const fields = { language: "en", recording: new Blob([recording]) };
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        post("/v1/audio/voice_consents", { ...fields, name: `At once ${i}` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  });

  it("refuse a body that is too large before they have read it", async () => {
    const answer = await receive(
      await send(`${edge.url}/v1/audio/voices`, {
        method: "POST",
        headers: {
          ...anna.headers,
          "content-type": "multipart/form-data; boundary=x",
          "content-length": String(15 * 1024 * 1024),
        },
        body: "--x",
      }).head,
    );
    expect([answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([
      413,
      "request_too_large",
    ]);
  });

  it("refuse a name that is taken, in any case, and what is no form", async () => {
    await keep("Taken");
    const fields = { name: " tAKEN", audio_sample: new Blob([recording]), consent };
    expect(await refusal(post("/v1/audio/voices", fields))).toEqual([409, "name_taken", "name"]);
    const raw = (type: string, body: string) =>
      ask("/v1/audio/voices", { method: "POST", headers: { "content-type": type }, body });
    expect(await refusal(raw("multipart/form-data; boundary=x", "--y"))).toEqual([
      400,
      "invalid_multipart",
      null,
    ]);
    expect(await refusal(raw("audio/wav", "RIFF"))).toEqual([415, "unsupported_media_type", null]);
    expect(await refusal(ask("/v1/audio/voices/alloy", { method: "DELETE" }))).toEqual([
      404,
      "voice_not_found",
      null,
    ]);
  });
});

describe("an origin that is asked itself", () => {
  const own = (path: string, init: RequestInit = {}) =>
    fetch(`${origins[1]?.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });

  it("keeps voices and speaks with them, in jobs and over sockets as well", async () => {
    const form = (fields: Record<string, string | Blob>) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.set(name, value);
      return { method: "POST", body };
    };
    const audio = new Blob([recording]);
    const given = await own(
      "/v1/audio/voice_consents",
      form({ name: "Own", language: "en", recording: audio }),
    );
    const { id } = (await given.json()) as { id: string };
    const made = await own(
      "/v1/audio/voices",
      form({ name: "Own voice", audio_sample: audio, consent: id }),
    );
    const voice = keptVoiceAnswerSchema.parse(await made.json());
    const json = (body: object) => ({
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const spoken = await own("/v1/audio/speech", json({ input: "hi", voice: "own voice" }));
    expect([spoken.status, spoken.headers.get("x-voice")]).toEqual([200, voice.id]);
    await spoken.arrayBuffer();
    const job = await own("/v1/audio/jobs", json({ input: "hi there", voice: voice.id }));
    expect(job.status).toBe(202);
    const { id: jobId } = (await job.json()) as { id: string };
    await expect
      .poll(async () => (await own(`/v1/audio/jobs/${jobId}`)).json(), { timeout: 60_000 })
      .toMatchObject({ status: "succeeded" });
  });
});

describe("at the edge, a kept voice", () => {
  it("speaks in a job, whose origin is sent it", async () => {
    const voice = await keep("In a job");
    const answer = await ask("/v1/audio/jobs", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: "hi there", voice: "in a job" }),
    });
    const job = (await answer.json()) as { id: string };
    expect([answer.status, job]).toMatchObject([202, { voice: voice.id }]);
    await expect
      .poll(async () => (await ask(`/v1/audio/jobs/${job.id}`)).json(), { timeout: 60_000 })
      .toMatchObject({ status: "succeeded" });
  });

  it("speaks over a socket that names it in its address, and over no other", async () => {
    const voice = await keep("On a wire");
    const { headers } = anna;
    const named = await openSocket(edge.url, { headers, query: { voice: voice.name } });
    for (const socket of [named, await openSocket(edge.url, { headers })]) {
      socket.send({ type: "session.update", session: { voice: voice.id, model: "tts-1" } });
      socket.append("a", "hi there");
      socket.done("a");
    }
    const { voice: heard } = await named.until("response.created", "a");
    expect(heard).toBe(voice.id);
    await named.until("response.done", "a");
    expect(named.audioOf("a").length).toBeGreaterThan(100);
    const strange = await openSocket(edge.url, { headers });
    strange.send({ type: "session.update", session: { voice: voice.id } });
    expect((await strange.until("error")).error).toMatchObject({ code: "voice_not_found" });
    const refused = new WebSocket(
      `${edge.url.replace("http", "ws")}/v1/audio/speech/stream?voice=x`,
      {
        headers,
      },
    );
    const [answer] = await once(refused, "unexpected-response").then(([, response]) => [response]);
    expect(answer.statusCode).toBe(400);
    for (const { socket } of [named, strange]) socket.close();
  });

  it("is one of a thousand that are listed and found in milliseconds, and no more are kept", async () => {
    const many = await storeKey(edge);
    const given = await post(
      "/v1/audio/voice_consents",
      { name: "Many", language: "en", recording: new Blob([recording]) },
      many,
    );
    const { id } = (await given.json()) as { id: string };
    await keep("Voice 0", { consent: id }, many);
    const book = await edge.voiceBook(many.record.id);
    const [first] = await book.listVoices();
    if (!first) throw new Error("the first voice was not kept");
    for (let i = 1; i < 1000; i++) {
      const other = `voice_${i.toString(16).padStart(32, "0")}`;
      await book.addVoice({ ...first, id: other, name: `Voice ${i}` });
    }
    const beganAt = performance.now();
    const listed = voiceListSchema.parse(await (await ask("/v1/audio/voices", {}, many)).json());
    const listedAfter = performance.now() - beganAt;
    expect(listed.data.filter(({ type }) => type !== "preset")).toHaveLength(1000);
    expect((await speak({ voice: "voice 999", input: "hi" }, many)).status).toBe(200);
    const form = { name: "One more", audio_sample: new Blob([recording]), consent: id };
    expect(await refusal(post("/v1/audio/voices", form, many))).toEqual([
      409,
      "voice_limit_reached",
      null,
    ]);
    // A hundredth of it where nothing else runs.
    expect(listedAfter).toBeLessThan(2000);
  });
});

/** What is short enough for random weights to come to an end of, and so has been kept. */
async function keptSpeech(voice: string): Promise<Record<string, unknown>> {
  for (let seed = 0; seed < 40; seed++) {
    const fields = { voice, input: "hi", seed };
    await (await speak(fields)).arrayBuffer();
    const again = await speak(fields);
    await again.arrayBuffer();
    if (again.headers.get("x-cache") === "HIT") return fields;
  }
  throw new Error("nothing that this voice says comes to an end");
}

/** How many answers an origin has spoken. */
async function spokenBy({ url }: Origin): Promise<number> {
  const answer = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const [, count = "0"] = /^tts_requests_total\{[^}]*\} (\d+)/m.exec(await answer.text()) ?? [];
  return Number(count);
}
