import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import pino from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { OriginEnv } from "../../../origin/http/context.ts";
import { speechRoutes } from "../../../origin/http/routes/speech.ts";
import { framesMediaType } from "../../../shared/frames/frame.ts";
import { hello } from "../../support/speech.ts";
import {
  createTestSpeechServices,
  type TestSpeechServices,
} from "../../support/speech-services.ts";

const stallLimitMs = 1500;
const logged: Record<string, unknown>[] = [];

let lent: TestSpeechServices;
let server: Server;

beforeAll(async () => {
  lent = await createTestSpeechServices();
  const log = pino({}, { write: (line) => logged.push(JSON.parse(line)) });
  const app = new Hono<OriginEnv>();
  app.use(async (c, next) => {
    c.set("log", log);
    await next();
  });
  app.route("/", speechRoutes(lent.services, { stallLimitMs }));
  server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await lent.close();
});

/** Many times what lies between two ends of a connection: five minutes and 28 MB. */
const long = {
  input: "On and on it goes. ".repeat(200),
  response_format: "pcm",
  sample_rate: 48_000,
};

async function ask(headers: Record<string, string>, fields = {}): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, method: "POST", path: "/v1/audio/speech", agent: false, headers });
  asked.end(JSON.stringify({ ...hello, ...long, ...fields }));
  const [answer] = await once(asked, "response");
  return answer;
}

const json = { "content-type": "application/json" };

it.each([
  ["the bare file", json, {}],
  ["events", json, { stream_format: "sse" }],
  ["frames", { ...json, accept: framesMediaType }, {}],
])(
  "gives up a reader who takes nothing of %s, says why, and resets the connection",
  async (_, headers, fields) => {
    const answer = await ask(headers, fields);
    expect(answer.statusCode).toBe(200);
    expect(lent.inUse()).toEqual({ slots: 1, leases: 1 });

    await expect.poll(() => lent.inUse()).toEqual({ slots: 0, leases: 0 });

    expect(logged.at(-1)).toMatchObject({
      msg: "speech abandoned",
      reason: "the reader took nothing for 1.5 seconds",
    });
    answer.resume();
    await expect(once(answer, "end")).rejects.toThrow("aborted");
  },
);
