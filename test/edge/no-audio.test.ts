import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiError } from "../../shared/api-error.ts";
import { speech } from "../support/edge-speech.ts";
import {
  answerWith,
  breakOff,
  framesOf,
  noise,
  speak,
} from "../support/frames-origin-behaviours.ts";
import {
  startTroubledOrigin,
  type TroubledOrigin,
  timeoutSeconds,
} from "../support/troubled-origin.ts";

const audio = noise(5000);
const frames = () => framesOf(audio);

let system: TroubledOrigin;
let origin: TroubledOrigin["origin"];
let edges: TroubledOrigin["edges"];
let edge: string;

beforeAll(async () => {
  system = await startTroubledOrigin();
  ({ origin, edges } = system);
  edge = edges.urls.edge;
});

afterAll(() => system.close());

describe("an origin that gives no audio at all", () => {
  const html = "<html><body>502 Bad Gateway, said a proxy</body></html>";
  const envelope = { error: { message: "m", type: "t", param: null, code: "c" }, detail: "m" };

  test.each([
    ["an HTML page with status 500", answerWith(500, html)],
    ["an HTML page with status 200", answerWith(200, html)],
    ["frames under another media type", speak(frames, { "content-type": "audio/mpeg" })],
    ["JSON that is no error envelope", answerWith(500, { detail: "x" })],
    ["an error envelope with status 200", answerWith(200, envelope)],
    ["a redirect", answerWith(302, "", { location: "https://login.example/" })],
    ["its refusal of the edge's token", answerWith(401, envelope)],
    [
      "bytes that are no frames",
      speak(async function* () {
        yield noise(3000);
      }),
    ],
    ["a head and nothing else", breakOff(frames, 0, "clean")],
    ["a head and a reset", breakOff(frames, 0, "reset")],
    ["half of the first audio", breakOff(frames, 500, "clean")],
    ["an end without audio", speak(() => framesOf(noise(0)))],
  ])("but %s is a 502 in the envelope", async (_what, behaviour) => {
    origin.behave(behaviour);

    const { status, headers, body } = await speech(edge);

    expect(status).toBe(502);
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["x-request-id"]).toMatch(/^req_/);
    const { error, detail } = JSON.parse(body.toString());
    expect(error).toEqual({
      message: expect.stringMatching(/^The speech origin/),
      type: "server_error",
      param: null,
      code: "bad_gateway",
    });
    expect(detail).toBe(error.message);
  });

  test.each([
    ["no head", () => undefined],
    ["a head and no audio", breakOff(frames, 0, "silence")],
    ["half of the first audio", breakOff(frames, 500, "silence")],
  ])("but %s within the time limit is a 504, and is not left waiting", async (_what, behaviour) => {
    origin.behave(behaviour);

    const { status, body } = await speech(edges.urls.impatient);

    expect(status).toBe(504);
    expect(JSON.parse(body.toString()).error).toEqual({
      message: `There was no audio within the ${timeoutSeconds} seconds this request had.`,
      type: "server_error",
      param: null,
      code: "deadline_exceeded",
    });
    await expect(origin.orders.at(-1)?.over).resolves.toBe(false);
  });

  test("but an error envelope passes it on with its status and retry headers", async () => {
    origin.behave(
      answerWith(503, envelope, {
        "retry-after": "7",
        "x-should-retry": "true",
        "set-cookie": "a=b",
        "x-engine": "builtin",
      }),
    );

    const { status, headers, body } = await speech(edge);

    expect(status).toBe(503);
    expect(JSON.parse(body.toString())).toEqual(envelope);
    expect(headers).toMatchObject({ "retry-after": "7", "x-should-retry": "true" });
    expect(headers).not.toHaveProperty("set-cookie");
  });

  test("but an error frame passes its error on as a 500", async () => {
    const failure = new ApiError({ status: 500, type: "server_error", code: "x", message: "Oh." });
    origin.behave(speak(() => framesOf(noise(0), { failure })));
    const { status, body } = await speech(edge);
    expect(status).toBe(500);
    expect(JSON.parse(body.toString())).toEqual(failure.envelope);
  });
});
