import { zValidator } from "@hono/zod-validator";
import * as z from "zod";
import { browserScopes } from "../../shared/api-key.ts";
import { firstIssue } from "../../shared/http/speech-body.ts";

const maxSeconds = 60 * 60;
const defaultSeconds = 10 * 60;

const lifetimeRule = `expires_in must be a whole number of seconds from 1 to ${maxSeconds}`;
const scopesRule = `scopes must be a list of ${browserScopes.join(", ")}`;
/** By which names depends on the deployment. */
export const modelsRule = "models must be a list of model ids, as GET /v1/models has them";
const originRule = 'origin must be what a browser sends, such as "https://example.com"';
/** A scheme, the longest name that DNS has (RFC 1035, section 2.3.4), and a port. */
const maxOriginCharacters = "https://".length + 253 + ":65535".length;

/**
 * The body of `POST /v1/audio/tokens`; everything is optional. Nothing may make the token
 * longer than the edge takes it: lists name each thing once.
 */
export const tokenRequestSchema = z.strictObject({
  expires_in: z
    .int(lifetimeRule)
    .min(1, lifetimeRule)
    .max(maxSeconds, lifetimeRule)
    .default(defaultSeconds),
  scopes: z
    .array(z.enum(browserScopes, scopesRule), scopesRule)
    .min(1, scopesRule)
    .transform((names) => browserScopes.filter((scope) => names.includes(scope)))
    .optional(),
  models: z.array(z.string(modelsRule), modelsRule).min(1, modelsRule).optional(),
  origin: z
    .string(originRule)
    .refine((text) => text.length <= maxOriginCharacters, {
      error: ({ input }) =>
        `origin must have at most ${maxOriginCharacters} characters; it has ${String(input).length}`,
      abort: true,
    })
    .refine(isOrigin, originRule)
    .optional(),
});

export type TokenRequest = z.infer<typeof tokenRequestSchema>;

/** Validates the body; the handler reads it with `c.req.valid("json")`. */
export const tokenBody = zValidator("json", tokenRequestSchema, (result) => {
  if (!result.success) throw firstIssue(result.error.issues);
});

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
