import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createApiKey, isApiKey } from "../../shared/api-key.ts";

test("a key ends with the first 36 bits of the digest of what goes before", async () => {
  const key = await createApiKey();
  expect(key).toMatch(/^sk-tts-[\w-]{38}$/);
  const digest = createHash("sha256").update(key.slice(0, -6)).digest("base64url");
  expect(key.slice(-6)).toBe(digest.slice(0, 6));
  expect(await createApiKey()).not.toBe(key);
});

test("a key of one's own, and one made before keys had a check part, can be keys", async () => {
  const key = await createApiKey();
  expect(await isApiKey(key)).toBe(true);
  expect(await isApiKey(key.slice(0, -6))).toBe(true);
});

describe("no key can be", () => {
  test("one with any character changed", async () => {
    const key = await createApiKey();
    for (let at = 0; at < key.length; at++) {
      const other = key[at] === "A" ? "B" : "A";
      const changed = key.slice(0, at) + other + key.slice(at + 1);
      expect(await isApiKey(changed), changed).toBe(false);
    }
  });

  test("one cut short, or with something after it", async () => {
    const key = await createApiKey();
    for (const text of [key.slice(0, -1), key.slice(0, -5), key.slice(0, -7), `${key}A`, ""]) {
      expect(await isApiKey(text), text).toBe(false);
    }
  });
});
