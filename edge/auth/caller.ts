import { browserScopes, defaultScopes, type KeyRecord, type Scope } from "../../shared/api-key.ts";
import type { Catalogue } from "../../shared/catalogue.ts";
import { type ModelId, nativeModelIds } from "../../shared/models.ts";
import type { KeyLimits } from "../limits/usage.ts";
import type { TokenClaims } from "./token.ts";

/** Who asks, and what they may. */
export interface Caller {
  /** Of the key, also for a token made with it. Fit for the log. */
  id: string;
  kind: "key" | "token" | "link" | "open";
  scopes: readonly Scope[];
  models: readonly ModelId[];
  limits: KeyLimits;
  /** When the key expires, in Unix seconds; a token of it cannot outlive it. */
  expiresAt?: number;
}

/** The caller of an edge that lets anybody in: tokens would give nobody anything there. */
export const openCaller: Caller = {
  id: "open",
  kind: "open",
  scopes: [...browserScopes, "voices"],
  models: nativeModelIds,
  limits: {},
};

/** Who hears what anybody may, such as the preview of a voice. */
export const anybody: Caller = {
  id: "anybody",
  kind: "open",
  scopes: ["speech"],
  models: nativeModelIds,
  limits: {},
};

/** Who follows a signed link, which is good for one file. */
export const linkHolder: Caller = {
  id: "link",
  kind: "link",
  scopes: ["files"],
  models: nativeModelIds,
  limits: {},
};

/** The key whose share of an origin speech takes; none for those that anybody has. */
export function sharing(id: string): string | undefined {
  return [openCaller.id, anybody.id].includes(id) ? undefined : id;
}

/** The holder of a key. */
export function keyHolder(record: KeyRecord, catalogue: Catalogue): Caller {
  const { id, requests_per_minute, characters_per_day, expires_at } = record;
  return {
    id,
    kind: "key",
    scopes: record.scopes ?? defaultScopes,
    models: record.models ? nativeIds(record.models, catalogue) : nativeModelIds,
    limits: {
      ...(requests_per_minute === undefined ? {} : { requestsPerMinute: requests_per_minute }),
      ...(characters_per_day === undefined ? {} : { charactersPerDay: characters_per_day }),
    },
    ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
  };
}

/** The holder of a token, who may do what both the token and its key may, and nothing that no browser may. */
export function tokenHolder(claims: TokenClaims, record: KeyRecord, catalogue: Catalogue): Caller {
  const key = keyHolder(record, catalogue);
  return {
    ...key,
    kind: "token",
    scopes: browserScopes.filter(
      (scope) => claims.scopes.includes(scope) && key.scopes.includes(scope),
    ),
    models: key.models.filter((model) => claims.models.includes(model)),
  };
}

/** The models that go by these ids, each once. */
export function nativeIds(ids: readonly string[], catalogue: Catalogue): ModelId[] {
  const named = new Set(ids.map((id) => catalogue.resolveModel(id)?.native));
  return nativeModelIds.filter((id) => named.has(id));
}
