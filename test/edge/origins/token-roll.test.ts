import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ApiError } from "../../../shared/api-error.ts";
import { type Edges, startEdges } from "../../support/edge.ts";
import { speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import { answerWith, framesOf, noise, speak } from "../../support/frames-origin-behaviours.ts";

const speaks = speak(() => framesOf(noise(100)));
const unknownToken = new ApiError({
  status: 401,
  type: "t",
  code: "invalid_api_key",
  message: "No.",
});

let origin: FramesOrigin;
let edges: Edges<"open" | "one" | "rolling">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  edges = await startEdges({
    open: { ORIGIN_URLS: origin.url },
    one: { ORIGIN_URLS: origin.url, ORIGIN_TOKEN: "new" },
    rolling: { ORIGIN_URLS: origin.url, ORIGIN_TOKEN: "new, old" },
  });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

beforeEach(() => {
  origin.orders.length = 0;
});

/** Has the origin take those tokens and no others. */
function take(...tokens: string[]) {
  origin.behave((answer) => {
    const [, token = ""] = answer.req.headers.authorization?.split(" ") ?? [];
    return tokens.includes(token) ? speaks(answer) : answerWith(401, unknownToken.envelope)(answer);
  });
}

const shown = () => origin.orders.map(({ headers }) => headers.authorization);

test("without a token none is shown", async () => {
  origin.behave(speaks);
  expect((await speech(edges.urls.open)).status).toBe(200);
  expect(shown()).toEqual([undefined]);
});

describe("while a token is being replaced", () => {
  test("an origin gets the one it takes, and from then on that one first", async () => {
    take("old");
    expect((await speech(edges.urls.rolling)).status).toBe(200);
    expect((await speech(edges.urls.rolling)).status).toBe(200);
    expect(shown()).toEqual(["Bearer new", "Bearer old", "Bearer old"]);
  });

  test("an origin that changes over is followed", async () => {
    take("new");
    expect((await speech(edges.urls.rolling)).status).toBe(200);
    expect((await speech(edges.urls.rolling)).status).toBe(200);
    expect(shown()).toEqual(["Bearer old", "Bearer new", "Bearer new"]);
  });

  test("an origin that takes neither is a 502 that names the setting", async () => {
    take("another");
    const { status, body } = await speech(edges.urls.rolling);
    expect(status).toBe(502);
    expect(JSON.parse(body.toString()).error).toMatchObject({
      code: "bad_gateway",
      message: "The speech origin does not accept this server's ORIGIN_TOKEN.",
    });
    expect(shown()).toEqual(["Bearer new", "Bearer old"]);
  });
});

test("with one token there is nothing to try again", async () => {
  take("old");
  expect((await speech(edges.urls.one)).status).toBe(502);
  expect(shown()).toEqual(["Bearer new"]);
});
