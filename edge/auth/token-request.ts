import { zValidator } from "@hono/zod-validator";
import * as z from "zod";
import { firstIssue } from "../../shared/http/speech-body.ts";
import { type ModelId, modelIds, resolveModel } from "../../shared/models.ts";

const maxSeconds = 60 * 60;
const defaultSeconds = 10 * 60;

/** What a browser is trusted with: never to make tokens itself. */
export const browserScopes = ["speech", "files"] as const;

const lifetimeRule = `expires_in must be a whole number of seconds from 1 to ${maxSeconds}`;
const scopesRule = `scopes must be a list of ${browserScopes.join(", ")}`;
const modelsRule = "models must be a list of model ids, as GET /v1/models has them";
const originRule = 'origin must be what a browser sends, such as "https://example.com"';

/** The body of `POST /v1/audio/tokens`; everything is optional. Parses `models` to native ids. */
const tokenRequestSchema = z.strictObject({
  expires_in: z
    .int(lifetimeRule)
    .min(1, lifetimeRule)
    .max(maxSeconds, lifetimeRule)
    .default(defaultSeconds),
  scopes: z.array(z.enum(browserScopes, scopesRule), scopesRule).min(1, scopesRule).optional(),
  models: z
    .array(z.string(modelsRule), modelsRule)
    .min(1, modelsRule)
    .refine((ids) => ids.every((id) => modelIds.includes(id)), modelsRule)
    .transform((ids): ModelId[] => ids.flatMap((id) => resolveModel(id)?.native ?? []))
    .optional(),
  origin: z.string(originRule).refine(isOrigin, originRule).optional(),
});

export type TokenRequest = z.infer<typeof tokenRequestSchema>;

/** Validates the body; the handler reads it with `c.req.valid("json")`. */
export const tokenBody = zValidator("json", tokenRequestSchema, (result) => {
  if (!result.success) throw firstIssue(result.error.issues);
});

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
