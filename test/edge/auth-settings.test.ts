import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Edges, startEdges } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { makeKey, type TestKey } from "../support/keys.ts";

let origin: FramesOrigin;
let limited: TestKey;
let edges: Edges<"open" | "nothing" | "wrongMode" | "notJson" | "misspelt" | "twice" | "uncounted">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(noise(100))));
  limited = await makeKey({ characters_per_day: 100 });
  const { key, record } = limited;
  const keys = { AUTH: "keys", ORIGIN_URLS: origin.url };
  edges = await startEdges(
    {
      open: { AUTH: "open", ORIGIN_URLS: origin.url },
      nothing: keys,
      wrongMode: { ...keys, AUTH: "off" },
      notJson: { ...keys, API_KEYS: key },
      misspelt: { ...keys, API_KEYS: JSON.stringify([{ ...record, charactersPerDay: 5 }]) },
      twice: {
        ...keys,
        API_KEYS: JSON.stringify([record, { ...(await makeKey()).record, id: record.id }]),
      },
      uncounted: { ...keys, API_KEYS: JSON.stringify([record]) },
    },
    { unbound: true },
  );
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

test("an open edge lets anybody in, whatever key they send", async () => {
  for (const headers of [{}, { authorization: "Bearer none" }, limited.headers]) {
    expect((await speech(edges.urls.open, {}, { headers })).status).toBe(200);
  }
});

describe("an edge that is not set up lets nobody in, and says what is wrong:", () => {
  test.each<[string, keyof typeof edges.urls, RegExp]>([
    ["no keys at all", "nothing", /AUTH=keys needs the secret API_KEYS or .*KEYS/],
    ["an AUTH that does not exist", "wrongMode", /AUTH must be keys or open/],
    ["a secret that is no JSON", "notJson", /API_KEYS must be/],
    ["a secret with a misspelt limit", "misspelt", /API_KEYS must be/],
    [
      "a secret with one id for two keys",
      "twice",
      /API_KEYS must have each id once; it has \w+ twice/,
    ],
    ["limits that nothing counts", "uncounted", /need the binding QUOTAS/],
  ])("%s", async (_what, name, message) => {
    const orders = origin.orders.length;
    const { status, headers, body } = await speech(edges.urls[name], {}, limited);
    expect(status).toBe(500);
    expect(headers["x-should-retry"]).toBe("false");
    expect(JSON.parse(body.toString()).error).toMatchObject({
      code: "misconfigured",
      message: expect.stringMatching(message),
    });
    expect(origin.orders).toHaveLength(orders);
    expect(JSON.stringify(edges.log)).not.toContain("sk-tts-");
  });
});
