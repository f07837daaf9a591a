import { beforeEach, describe, expect, test } from "vitest";
import { createGuesses, type Guesses, refusalSeconds } from "../../../edge/limits/guesses.ts";

const guesser = "203.0.113.7";
const rateLimit = expect.objectContaining({ status: 429, code: "rate_limit_exceeded" });

let nowMs: number;
let guesses: Guesses;

beforeEach(() => {
  nowMs = 1_790_000_000_000;
  guesses = createGuesses(() => nowMs, 3);
});

const lookUp = (id: string, address: string | undefined) =>
  guesses.attempt(address).beforeLookup(id);

function useGoodKey(id: string, address: string): void {
  const attempt = guesses.attempt(address);
  attempt.beforeLookup(id);
  attempt.succeeded();
}

function guessPastTheLimit(id: string, address: string | undefined): void {
  const attempt = guesses.attempt(address);
  attempt.beforeLookup(id);
  attempt.failed();
  attempt.refused();
}

describe("an address that guesses keys past its limit", () => {
  test("looks none up for a while, and is told how long", () => {
    guessPastTheLimit("guess", guesser);
    nowMs += 2500;
    expect(() => lookUp("next", guesser)).toThrow(rateLimit);
    expect(() => lookUp("next", guesser)).toThrow(
      expect.objectContaining({ headers: { "retry-after": "8" } }),
    );
    lookUp("next", "203.0.113.8");
    nowMs += refusalSeconds * 1000 - 2500;
    lookUp("next", guesser);
  });

  test("may use keys that were good the last time, wherever that was", () => {
    useGoodKey("good", "203.0.113.8");
    guessPastTheLimit("guess", guesser);
    lookUp("good", guesser);
  });

  test("may not use a key that has been revoked since", () => {
    useGoodKey("good", guesser);
    guessPastTheLimit("good", guesser);
    expect(() => lookUp("good", guesser)).toThrow(rateLimit);
  });

  test("is not refused look-ups for what has cost none", () => {
    guesses.attempt(guesser).refused();
    lookUp("next", guesser);
  });
});

test("a client without an address is never refused", () => {
  guessPastTheLimit("guess", undefined);
  lookUp("next", undefined);
});

test("only so much is remembered, the latest", () => {
  for (const last of [1, 2, 3, 4]) guessPastTheLimit("guess", `203.0.113.${last}`);
  lookUp("next", "203.0.113.1");
  for (const last of [2, 3, 4]) expect(() => lookUp("next", `203.0.113.${last}`)).toThrow();

  for (const id of ["a", "b", "a", "c", "d"]) useGoodKey(id, "203.0.113.9");
  for (const id of ["a", "c", "d"]) lookUp(id, "203.0.113.4");
  expect(() => lookUp("b", "203.0.113.4")).toThrow(rateLimit);
});
