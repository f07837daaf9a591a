import { describe, expect, test } from "vitest";
import { keyHolder, linkHolder, openCaller, tokenHolder } from "../../edge/auth/caller.ts";
import { scopes } from "../../shared/api-key.ts";
import { plainCatalogue } from "../../shared/catalogue.ts";
import { nativeModelIds } from "../../shared/models.ts";
import { makeKey } from "../support/keys.ts";

describe("what everybody hears can be replaced", () => {
  test("by a key that was made for it", async () => {
    const { record } = await makeKey({ scopes: ["speech", "refresh"] });
    expect(keyHolder(record, plainCatalogue).scopes).toEqual(["speech", "refresh"]);
  });

  test("not by a key that names no scopes, which has all others", async () => {
    const { record } = await makeKey();
    expect(keyHolder(record, plainCatalogue).scopes).toEqual([
      "speech",
      "files",
      "tokens",
      "voices",
    ]);
  });

  test("not by a token, whatever it says and its key may", async () => {
    const { record } = await makeKey({ scopes: [...scopes] });
    const claims = { sub: record.id, exp: 0, scopes: [...scopes], models: nativeModelIds };
    expect(tokenHolder(claims, record, plainCatalogue).scopes).toEqual(["speech", "files"]);
  });

  test("not where nobody is asked for a key, nor by a link", () => {
    expect(openCaller.scopes).not.toContain("refresh");
    expect(linkHolder.scopes).not.toContain("refresh");
  });
});
