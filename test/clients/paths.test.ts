import { afterAll, beforeAll, expect, it } from "vitest";
import { receive, send } from "../support/sockets.ts";
import { hello } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ ENGINE: "builtin" });
});

afterAll(() => system.close());

const programs = ["edge", "origin"] as const;

function urlOf(program: (typeof programs)[number]): string {
  return program === "edge" ? system.url : system.origin.url;
}

function each<Row extends readonly unknown[]>(rows: readonly Row[]) {
  return programs.flatMap((program) => rows.map((row) => [program, ...row] as const));
}

/** Sent as it is written: `fetch` would tidy some of it up itself. */
async function ask(url: string, method: string, body?: object) {
  const headers = { "content-type": "application/json" };
  const sent = send(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return receive(await sent.head);
}

it.each(
  each([
    ["POST", "/v1/audio/speech/", hello],
    ["POST", "//v1//audio///speech//", hello],
    ["POST", "/v1/audio/speech/base64/?page=1", hello],
    ["GET", "/v1/models/", undefined],
    ["GET", "/v1//models/tts-1/", undefined],
    ["GET", "/v1/audio/voices//alloy/?x=//", undefined],
    ["GET", "/health/", undefined],
  ]),
)("at the %s, %s %s is served", async (program, method, path, body) => {
  const answer = await ask(urlOf(program) + path, method, body);
  expect(answer.status, answer.body.toString("utf8", 0, 200)).toBe(200);
});

it.each(
  each([
    ["/v1/audio/speech", "POST, OPTIONS"],
    ["/v1/audio/speech/base64", "POST, OPTIONS"],
    ["/v1/models", "GET, HEAD, OPTIONS"],
    ["/v1/audio/voices/alloy", "GET, HEAD, POST, DELETE, OPTIONS"],
    ["/health/", "GET, HEAD, OPTIONS"],
    ["/nowhere", undefined],
  ]),
)("at the %s, OPTIONS %s says what it allows", async (program, path, allow) => {
  const answer = await ask(urlOf(program) + path, "OPTIONS");
  expect(answer.status).toBe(204);
  expect(answer.headers.allow).toBe(allow);
});
