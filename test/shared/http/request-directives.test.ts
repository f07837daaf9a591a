import { expect, test } from "vitest";
import {
  type RequestDirectives,
  readRequestDirectives,
} from "../../../shared/http/request-directives.ts";

const none: RequestDirectives = {
  noStore: false,
  onlyIfCached: false,
  maxAgeSeconds: Number.POSITIVE_INFINITY,
};

const cases: [string | undefined, Partial<RequestDirectives>][] = [
  [undefined, {}],
  ["", {}],
  ["no-transform, min-fresh=5, max-stale", {}],
  ["no-store", { noStore: true }],
  [" NO-STORE ,", { noStore: true }],
  ["no-cache", { maxAgeSeconds: 0 }],
  ['no-cache="x-model, no-store"', { maxAgeSeconds: 0 }],
  ["max-age=60", { maxAgeSeconds: 60 }],
  ['max-age="60"', { maxAgeSeconds: 60 }],
  ["max-age=soon", { maxAgeSeconds: 0 }],
  ["max-age", { maxAgeSeconds: 0 }],
  ["max-age=-1", { maxAgeSeconds: 0 }],
  ["max-age=60, no-cache", { maxAgeSeconds: 0 }],
  ["only-if-cached, max-age=9", { onlyIfCached: true, maxAgeSeconds: 9 }],
  ['x="no-store"', {}],
  ["x-no-store", {}],
  ["no-store=1", { noStore: true }],
];

test.each(cases)("Cache-Control: %s", (header, directives) => {
  expect(readRequestDirectives(header)).toEqual({ ...none, ...directives });
});
