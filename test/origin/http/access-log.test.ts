import { PassThrough } from "node:stream";
import { Hono } from "hono";
import { pino } from "pino";
import { expect, it } from "vitest";
import { accessLog } from "../../../origin/http/access-log.ts";
import type { OriginEnv } from "../../../origin/http/context.ts";
import { invalidRequest, unavailable } from "../../../shared/api-error.ts";
import { errorResponse, toApiError } from "../../../shared/http/errors.ts";
import { requestIds } from "../../../shared/http/request-id.ts";
import { createTestSpeechServices } from "../../support/speech-services.ts";

it("writes one line about each request, and in it why it was refused or failed", async () => {
  const { services, close } = await createTestSpeechServices();
  const lines = new PassThrough();
  const app = new Hono<OriginEnv>();
  app.use(requestIds(), accessLog(pino({}, lines), services.metrics));
  app.get("/good", (c) => c.text("yes"));
  app.get("/full", () => {
    throw unavailable("server_is_overloaded", "Too many listen.", 3);
  });
  app.get("/wrong", () => {
    throw invalidRequest("invalid_value", "speed must be smaller", "speed");
  });
  app.get("/broken", () => {
    throw new Error("a fault of ours");
  });
  app.onError((cause) => errorResponse(toApiError(cause)));

  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  await app.request("/good", { headers: { traceparent, "x-request-id": "mine" } });
  for (const path of ["/good", "/full", "/wrong", "/broken"]) await app.request(path);
  await close();

  const logged = String(lines.read())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(logged).toEqual([
    expect.objectContaining({
      ...{ msg: "answered", requestId: "mine", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" },
      ...{ parent_id: "00f067aa0ba902b7", span_id: expect.stringMatching(/^[0-9a-f]{16}$/) },
    }),
    expect.objectContaining({ level: 30, msg: "answered", route: "/good", status: 200 }),
    expect.objectContaining({
      level: 40,
      msg: "request refused",
      status: 503,
      code: "server_is_overloaded",
    }),
    expect.objectContaining({ level: 40, msg: "request refused", status: 400, param: "speed" }),
    expect.objectContaining({
      level: 50,
      msg: "request failed",
      status: 500,
      err: expect.objectContaining({ message: "a fault of ours" }),
    }),
  ]);
});
