import { expect, test } from "vitest";
import { isNotModified, mayGiveRange } from "../../../shared/http/preconditions.ts";

const etag = '"abc"';

test.each([
  [undefined, false],
  ["*", true],
  ['"abc"', true],
  ['W/"abc"', true],
  ['"x", "a,b" , W/"abc"', true],
  ['"x"', false],
  ["abc", false],
  ['"x, "abc"', false],
])("If-None-Match: %s", (header, expected) => {
  expect(isNotModified(header, etag)).toBe(expected);
});

test.each([
  [undefined, true],
  ['"abc"', true],
  ['W/"abc"', false],
  ['"x"', false],
  ["Sun, 22 Nov 2026 00:00:00 GMT", false],
])("If-Range: %s", (header, expected) => {
  expect(mayGiveRange(header, etag)).toBe(expected);
});
