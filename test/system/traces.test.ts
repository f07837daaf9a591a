import { afterAll, beforeAll, expect, it } from "vitest";
import { childrenOf, isRunning } from "../support/child-processes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { sendSpeech } from "../support/edge-speech.ts";
import { type RunningProcess, runProgram } from "../support/run-program.ts";
import { heard, receive } from "../support/sockets.ts";
import { pangrams } from "../support/speech.ts";
import { unusedPort } from "../support/unused-port.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${parentId}-01`;

let origin: RunningProcess;
let edge: Edge;

beforeAll(async () => {
  const port = await unusedPort();
  const environment = { ORIGIN_PORT: String(port), LOG_LEVEL: "info", BUILTIN_PACE: "1" };
  origin = runProgram("origin/main.ts", { environment });
  await origin.until(/^origin http:/m);
  edge = await startEdge({
    ORIGIN_URLS: `http://127.0.0.1:${port}`,
    AUDIO: "audio",
    FLIGHTS: true,
  });
});

afterAll(async () => {
  await edge.close();
  origin.child.kill("SIGKILL");
  await origin.exited;
});

/** The origin's lines of this kind. */
function lines(message: string): Record<string, unknown>[] {
  return origin
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === message);
}

it("a trace leads from the client's span by the edge's to the origin's, and to the engine that died of it", async () => {
  const fields = { input: pangrams, response_format: "pcm" };
  const answer = await sendSpeech(edge.url, fields, { headers: { traceparent } }).head;
  const received = receive(answer);
  await heard(answer, 16_000);
  for (const pid of childrenOf(origin.child.pid ?? 0).filter(isRunning)) {
    process.kill(pid, "SIGKILL");
  }
  expect((await received).ended).toBe("reset");

  await expect.poll(() => edge.log.find(({ id }) => id === traceId)).toBeDefined();
  const atEdge = edge.log.find(({ id }) => id === traceId);
  expect(atEdge).toMatchObject({ trace_id: traceId, parent_id: parentId });
  const ofFlight = { request: traceId, trace_id: traceId, span_id: atEdge?.span_id };
  expect(edge.log.find(({ fault }) => fault)).toMatchObject(ofFlight);
  await expect.poll(() => lines("speech failed")).toHaveLength(1);
  const [failed] = lines("speech failed");
  const span = { requestId: traceId, trace_id: traceId, parent_id: atEdge?.span_id };
  expect(failed).toMatchObject(span);
  expect(failed?.span_id).not.toBe(atEdge?.span_id);
  await expect.poll(() => lines("the engine stopped")).toHaveLength(1);
  expect(lines("the engine stopped")[0]).toMatchObject({
    reason: "it was ended by SIGKILL",
    requests: [{ ...span, span_id: failed?.span_id }],
  });
});
