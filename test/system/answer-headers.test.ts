import { afterAll, beforeAll, expect, it } from "vitest";
import { receive, send } from "../support/sockets.ts";
import { hello } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ ENGINE: "builtin" });
});

afterAll(() => system.close());

const json = { "content-type": "application/json" };
const body = JSON.stringify(hello);
const speech = "/v1/audio/speech";
const preflight = { origin: "https://example.com", "access-control-request-method": "POST" };

/** One of each kind, from whatever part of the program it comes. */
const requests: [number, string, string, { headers?: Record<string, string>; body?: string }][] = [
  [200, "GET", "/v1/models", {}],
  [200, "HEAD", "/v1/audio/voices", {}],
  [200, "GET", "/health", {}],
  [204, "OPTIONS", speech, { headers: preflight }],
  [200, "POST", speech, { headers: json, body }],
  [
    200,
    "POST",
    speech,
    { headers: json, body: JSON.stringify({ ...hello, stream_format: "sse" }) },
  ],
  [200, "POST", `${speech}/base64`, { headers: json, body }],
  [200, "POST", `${speech}/base64`, { headers: { ...json, "accept-encoding": "gzip" }, body }],
  [400, "POST", speech, { headers: json, body: "{}" }],
  [404, "GET", "/nowhere", {}],
  [404, "GET", "/v1/models/whisper-1", {}],
  [405, "GET", speech, {}],
  [413, "POST", speech, { headers: json, body: " ".repeat(2 ** 18) }],
  [415, "POST", speech, { body }],
];

it.each(
  (["edge", "origin"] as const).flatMap((program) =>
    requests.map((request) => [program, ...request] as const),
  ),
)("of the %s, a %i for %s %s is taken by any page for what it says it is", async (...request) => {
  const [program, status, method, path, options] = request;
  const url = program === "edge" ? system.url : system.origin.url;
  const answer = await receive(await send(url + path, { method, ...options }).head);
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
  });
});
