import { afterAll, beforeAll, expect, it } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { sendSpeech, speech } from "../support/edge-speech.ts";
import { type RunningProcess, runProgram } from "../support/run-program.ts";
import { heard, receive } from "../support/sockets.ts";
import { pangrams } from "../support/speech.ts";
import { unusedPort } from "../support/unused-port.ts";

/** Over a minute of speech: on a busy machine the last listener comes long after the first. */
const input = `${pangrams} `.repeat(6);

/** How far each listener is at least ahead of the next one: a third of a second. */
const stepBytes = 16_000;
const points = 10;

let port: number;
let origin: RunningProcess;
let edge: Edge;

beforeAll(async () => {
  port = await unusedPort();
  // On a busy machine the last of nine would else be refused, since it would be late.
  origin = await startOrigin({ BUILTIN_PACE: "1", MAX_WAIT_SECONDS: "600" });
  edge = await startEdge({
    ORIGIN_URLS: `http://127.0.0.1:${port}`,
    AUDIO: "audio",
    FLIGHTS: true,
  });
});

afterAll(async () => {
  await edge.close();
  origin.child.kill("SIGKILL");
});

async function startOrigin(settings: Record<string, string> = {}): Promise<RunningProcess> {
  const environment = { ORIGIN_PORT: String(port), LOG_LEVEL: "silent", ...settings };
  const started = runProgram("origin/main.ts", { environment });
  await started.until(/^origin http:/m);
  return started;
}

const request = (seed: number) => ({ input, response_format: "pcm", seed });

it("an origin that is killed at ten points of its answers fails each of them, and nothing is kept", async () => {
  const answers = [];
  for (let seed = 0; seed < points - 1; seed++) {
    const answer = await sendSpeech(edge.url, request(seed)).head;
    answers.push(receive(answer));
    await heard(answer, stepBytes);
  }
  const unanswered = speech(edge.url, request(points - 1));
  origin.child.kill("SIGKILL");

  const cut = await Promise.all(answers);
  for (const { status, ended } of cut)
    expect({ status, ended }).toEqual({ status: 200, ended: "reset" });
  const lengths = cut.map(({ body }) => body.byteLength);
  expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
  expect(new Set(lengths).size).toBe(points - 1);
  const { status, body } = await unanswered;
  expect(status).toBe(503);
  expect(JSON.parse(body.toString()).error.code).toBe("origin_unreachable");
  expect((await (await edge.audio()).list()).keys).toEqual([]);
});

it("and started again on its port, it speaks them from the beginning", async () => {
  origin = await startOrigin();
  const next = await Promise.all([0, 4, points - 1].map((seed) => speech(edge.url, request(seed))));
  for (const { status, ended, headers, body } of next) {
    expect({ status, ended, cache: headers["x-cache"] }).toEqual({
      status: 200,
      ended: "complete",
      cache: "MISS",
    });
    expect(body.byteLength).toBeGreaterThan(points * stepBytes);
  }
});
