import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusalSeconds } from "../../edge/limits/guesses.ts";
import { createApiKey } from "../../shared/api-key.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { makeKey, putRecord, storeKey, type TestKey } from "../support/keys.ts";
import { restOfMinute } from "../support/rest-of-period.ts";
import { forgeToken } from "../support/tokens.ts";

const perAddress = 3;
const guesses = 20;
const tokenSecret = "a-secret-of-more-than-32-characters";

let origin: FramesOrigin;
let edge: Edge;
let listed: TestKey;
let address = 0;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(noise(100))));
  listed = await makeKey();
  edge = await startEdge(
    {
      AUTH: "keys",
      API_KEYS: JSON.stringify([listed.record]),
      KEYS: "counted",
      ORIGIN_URLS: origin.url,
      TOKEN_SIGNING_SECRET: tokenSecret,
    },
    { requestsPerMinute: { ADDRESS_RATE: perAddress } },
  );
});

beforeEach(async () => {
  await restOfMinute(20);
  address++;
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

async function ask(authorization: string) {
  const headers = { authorization, "cf-connecting-ip": `203.0.113.${address}` };
  const { status, body } = await speech(edge.url, {}, { headers });
  return { status, code: status === 200 ? undefined : JSON.parse(body.toString()).error.code };
}

/** What the edge says to each, and how often it has read the namespace KEYS for them all. */
async function askAll(count: number, authorization: () => string | Promise<string>) {
  const before = await edge.keyReads();
  const startedAt = Date.now();
  const answers = [];
  for (let i = 0; i < count; i++) answers.push(await ask(await authorization()));
  // Each time an address may try again, it does.
  const retries = Math.floor((Date.now() - startedAt) / (refusalSeconds * 1000));
  return { answers, reads: (await edge.keyReads()) - before, retries };
}

const invalid = { status: 401, code: "invalid_api_key" };
const limited = { status: 429, code: "rate_limit_exceeded" };
const pastTheLimit = [
  ...Array<typeof invalid>(perAddress).fill(invalid),
  ...Array<typeof limited>(guesses - perAddress).fill(limited),
];

describe("an address that guesses keys has the namespace read no more once it is past its limit:", () => {
  test.each([
    ["with check parts that are right", async () => `Bearer ${await createApiKey()}`],
    ["of the old form", async () => `Bearer ${(await createApiKey()).slice(0, -6)}`],
  ])("%s", async (_what, guess) => {
    const { answers, reads, retries } = await askAll(guesses, guess);
    expect(answers).toEqual(pastTheLimit);
    expect(reads).toBeGreaterThanOrEqual(perAddress);
    expect(reads).toBeLessThanOrEqual(perAddress + 1 + retries);
  });

  test("with a key that has been revoked, or a token of it", async () => {
    const { headers, record } = await storeKey(edge, { revoked_at: 1_790_000_001 });
    const token = await forgeToken(record.id, tokenSecret);
    let asked = 0;
    const either = () => (asked++ % 2 === 0 ? headers : token).authorization;
    const { answers, reads, retries } = await askAll(guesses, either);
    expect(answers.slice(perAddress)).toEqual(pastTheLimit.slice(perAddress));
    expect(reads).toBeLessThanOrEqual(perAddress + 1 + retries);
  });
});

test.each([
  ["keys whose check part is wrong", async () => `Bearer ${(await createApiKey()).slice(0, -1)}~`],
  [
    "keys whose check part is another's",
    async () => `Bearer ${(await createApiKey()).slice(0, -6)}${(await createApiKey()).slice(-6)}`,
  ],
  ["nonsense", () => "Bearer nonsense"],
  [
    "tokens signed by somebody else",
    async () => (await forgeToken(listed.record.id, `not ${tokenSecret}`)).authorization,
  ],
])("%s are refused, and nothing is read for them", async (_what, guess) => {
  const { answers, reads } = await askAll(guesses, guess);
  expect(answers).toEqual(pastTheLimit);
  expect(reads).toBe(0);
});

describe("beside somebody who guesses, at one address,", () => {
  test("a key that was good when it was last looked up still speaks, until it is revoked", async () => {
    const { headers, record } = await storeKey(edge);
    expect((await ask(headers.authorization)).status).toBe(200);
    await askAll(guesses, async () => `Bearer ${await createApiKey()}`);
    expect((await ask(headers.authorization)).status).toBe(200);
    await putRecord(edge, { ...record, revoked_at: 1_790_000_001 });
    // An isolate goes by a record for some seconds.
    await expect.poll(async () => (await ask(headers.authorization)).status).toBe(429);
  });

  test("a key of the secret API_KEYS speaks, since no look-up is needed", async () => {
    await askAll(guesses, async () => `Bearer ${await createApiKey()}`);
    const { answers, reads } = await askAll(1, () => listed.headers.authorization);
    expect([answers[0]?.status, reads]).toEqual([200, 0]);
  });

  test("a new key speaks as long as the guesses have cost no look-ups", async () => {
    await askAll(guesses, () => "Bearer nonsense");
    const { headers } = await storeKey(edge);
    expect((await ask(headers.authorization)).status).toBe(200);
  });
});
