import { sign, verify } from "hono/jwt";
import * as z from "zod";
import { scopes } from "../../shared/api-key.ts";
import { nativeModelIds } from "../../shared/models.ts";
import { unauthorized } from "../errors.ts";

const algorithm = "HS256";
const issuer = "qwen3-tts-edge";

const claimsSchema = z.object({
  iss: z.literal(issuer),
  /** The id of the key it was made with. */
  sub: z.string(),
  /** Unix seconds. */
  exp: z.int(),
  scopes: z.array(z.enum(scopes)),
  models: z.array(z.enum(nativeModelIds)),
  /** The only page origin it may be used from, as browsers name it in `Origin`. */
  origin: z.string().optional(),
});

export type TokenClaims = Omit<z.infer<typeof claimsSchema>, "iss">;

/** Makes a JSON Web Token (RFC 7519). */
export function signToken(claims: TokenClaims, secret: string): Promise<string> {
  return sign({ iss: issuer, ...claims }, secret, algorithm);
}

/** What a token says, if one of the secrets has signed it and it still holds at `now`, in Unix seconds. Throws a 401. */
export async function readToken(
  token: string,
  secrets: readonly string[],
  now: number,
): Promise<TokenClaims> {
  for (const secret of secrets) {
    const payload = await verify(token, secret, {
      alg: algorithm,
      // Checked below, once it is known who wrote it.
      exp: false,
    }).catch(() => undefined); // Its message would put the token into the log.
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) continue;
    if (claims.data.exp <= now) throw unauthorized("expired_token", "The token has expired.");
    return claims.data;
  }
  throw unauthorized("invalid_api_key", "The token was not made by this server.");
}
