import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createUrlSigner } from "../../edge/signature.ts";

const path = "/v1/audio/speech/0f";
const expires = 1_800_000_000;
const signer = createUrlSigner(["a secret"]);
const urlOf = (query: string) => new URL(`https://tts.example${path}?${query}`);

test("a signature is the HMAC-SHA256 of path and expiry", async () => {
  const hmac = createHmac("sha256", "a secret").update(`url\n${path}\n${expires}`);
  const query = await signer.sign(path, expires);
  expect(query).toBe(`expires=${expires}&signature=${hmac.digest("base64url")}`);
});

describe("a signed URL", () => {
  test("is valid up to its last second, then expired", async () => {
    const url = urlOf(await signer.sign(path, expires));
    expect(await signer.verify(url, expires - 1)).toBe("valid");
    expect(await signer.verify(url, expires)).toBe("expired");
  });

  test.each<[string, (query: string) => string]>([
    ["a later expiry", (query) => query.replace("18", "19")],
    ["another signature", (query) => query.replace(/signature=./, "signature=_")],
    ["no signature", (query) => query.replace(/&.*/, "")],
    ["no expiry", (query) => query.replace(/.*&/, "")],
    ["a second expiry", (query) => `${query}&expires=${expires + 1}`],
    ["a second signature", (query) => `${query}&${query.replace(/.*&/, "")}`],
    ["an expiry that is no number", (query) => query.replace("18", "x8")],
    ["a signature that is too long", (query) => `${query}A`],
    ["a signature that is not base64url", (query) => query.replace(/signature=./, "signature=*")],
  ])("with %s is invalid", async (_what, change) => {
    const url = urlOf(change(await signer.sign(path, expires)));
    expect(await signer.verify(url, 0)).toBe("invalid");
  });

  test("is invalid at another path", async () => {
    const url = urlOf(await signer.sign("/v1/audio/speech/1f", expires));
    expect(await signer.verify(url, 0)).toBe("invalid");
  });

  test("may carry other parameters", async () => {
    const url = urlOf(`${await signer.sign(path, expires)}&download=1`);
    expect(await signer.verify(url, 0)).toBe("valid");
  });
});

test("a URL without either parameter has no signature", async () => {
  expect(await signer.verify(urlOf("download=1"), 0)).toBe("absent");
});

test("while a secret is replaced, the first signs and all verify", async () => {
  const both = createUrlSigner(["new secret", "a secret"]);
  const old = urlOf(await signer.sign(path, expires));
  const fresh = urlOf(await both.sign(path, expires));
  expect(await both.verify(old, 0)).toBe("valid");
  expect(await both.verify(fresh, 0)).toBe("valid");
  expect(await createUrlSigner(["new secret"]).verify(fresh, 0)).toBe("valid");
  expect(await createUrlSigner(["new secret"]).verify(old, 0)).toBe("invalid");
});
