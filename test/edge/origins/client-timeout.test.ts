import { expect, test } from "vitest";
import { clientTimeoutSeconds } from "../../../edge/origins/client-timeout.ts";

const malformed = ["", "soon", "-5", "1e3", "0x10", "30, 40", "NaN", "Infinity"];

const cases: [Record<string, string>, number | undefined][] = [
  [{ "x-stainless-timeout": "30" }, 30],
  [{ "x-stainless-read-timeout": "2.5" }, 2.5],
  [{ "x-stainless-timeout": "7", "x-stainless-read-timeout": "9" }, 7],
  [{ "x-stainless-timeout": "0" }, 1],
  [{ "x-stainless-timeout": "86400" }, 600],
  [{ "x-stainless-timeout": "9".repeat(400) }, 600],
  ...malformed.map((text): (typeof cases)[number] => [{ "x-stainless-timeout": text }, undefined]),
  [{}, undefined],
];

test.each(cases)("of %j a client's wait is %s seconds", (headers, seconds) => {
  expect(clientTimeoutSeconds(new Headers(headers))).toBe(seconds);
});
