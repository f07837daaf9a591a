import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { storeKey, type TestKey } from "../support/keys.ts";
import { type RunningProcess, runProgram } from "../support/run-program.ts";
import { openSocket } from "../support/socket-client.ts";
import { unusedPort } from "../support/unused-port.ts";

/** What must come out nowhere. */
const planted = {
  originToken: "planted-origin-token-5d1c",
  hubToken: "hf_plantedHubToken77aa",
  tokenSecret: "planted-token-signing-secret-0123456789",
  linkSecret: "planted-url-signing-secret-9876543210",
  text: "plantedtextofarequest",
  instructions: "plantedinstructions",
};

let origin: RunningProcess;
let originUrl: string;
let edge: Edge;
let key: TestKey;
const answers: string[] = [];

beforeAll(async () => {
  const port = await unusedPort();
  originUrl = `http://127.0.0.1:${port}`;
  const folder = join(tmpdir(), `secrets-${process.pid}`);
  origin = runProgram("origin/main.ts", {
    environment: {
      ORIGIN_PORT: String(port),
      ORIGIN_TOKEN: planted.originToken,
      HF_TOKEN: planted.hubToken,
      LOG_LEVEL: "debug",
      JOBS_DIR: join(folder, "jobs"),
      VOICES_DIR: join(folder, "voices"),
      MODELS_DIR: join(folder, "models"),
    },
  });
  await origin.until(/origin http/);
  edge = await startEdge({
    ORIGIN_URLS: originUrl,
    ORIGIN_TOKEN: planted.originToken,
    AUTH: "keys",
    AUDIO: "audio",
    FLIGHTS: true,
    TOKEN_SIGNING_SECRET: planted.tokenSecret,
    URL_SIGNING_SECRET: planted.linkSecret,
  });
  key = await storeKey(edge);
});

afterAll(async () => {
  await edge.close();
  origin.child.kill("SIGTERM");
  await origin.exited;
});

async function ask(url: string, init: RequestInit = {}): Promise<void> {
  const answer = await fetch(url, init);
  const headers = JSON.stringify([...answer.headers]);
  answers.push(headers + Buffer.from(await answer.arrayBuffer()).toString("latin1"));
}

function post(path: string, fields: object, headers: Record<string, string> = {}, base = edge.url) {
  return ask(base + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(fields),
  });
}

it("no secret, no key and no text is in what any process writes or answers, whatever goes wrong", async () => {
  const { headers } = key;
  const speech = { model: "tts-1-hd", input: planted.text, instructions: planted.instructions };
  await post("/v1/audio/speech", speech, headers);
  await post("/v1/audio/speech", { ...speech, stream_format: "sse" }, headers);
  await post("/v1/audio/speech/base64", { ...speech, voice: "nobody" }, headers);
  await post("/v1/audio/speech", { ...speech, lexicon: { [planted.text]: 7 } }, headers);
  await post("/v1/audio/speech", { ...speech, input: `<speak>${planted.text}` }, headers);
  await post("/v1/audio/speech", speech, { authorization: `Bearer ${key.key.slice(0, -3)}abc` });
  await post("/v1/audio/jobs", speech, headers);
  await post("/v1/audio/speech/batch", { items: [speech, { ...speech, speed: 9 }] }, headers);
  await post("/v1/audio/tokens", {}, headers);
  await post("/v1/audio/speech", speech, { authorization: "Bearer planted-guess" }, originUrl);
  for (const path of ["/health", "/v1/models", "/nowhere", "/openapi.json"])
    await ask(edge.url + path);
  for (const path of ["/health", "/ready", "/v1/models"]) await ask(originUrl + path);
  const authorization = `Bearer ${planted.originToken}`;
  await ask(`${originUrl}/metrics`, { headers: { authorization } });
  await post(
    "/v1/audio/speech",
    { ...speech, timestamps: "word", voice: 7 },
    { authorization },
    originUrl,
  );
  const socket = await openSocket(edge.url, { headers });
  socket.append("a", planted.text);
  socket.send("{ broken");
  await socket.until("error");
  socket.socket.terminate();
  const crowd = Array.from({ length: 4 }, (_, i) =>
    post(
      "/v1/audio/speech",
      { ...speech, input: `${planted.text} ${i}. `.repeat(30) },
      headers,
    ).catch(() => {}),
  );
  await Promise.all(crowd);

  const written = [origin.output(), ...edge.log.map((line) => JSON.stringify(line))].join("\n");
  expect(written).toContain("/v1/audio/speech");
  const told = answers.join("\n");
  expect(told).toContain("tts_requests_total");
  for (const [name, secret] of Object.entries({ ...planted, key: key.key })) {
    expect(written.includes(secret), `${name} is in a log`).toBe(false);
    if (name === "text") continue;
    expect(told.includes(secret), `${name} is in an answer`).toBe(false);
  }
});
