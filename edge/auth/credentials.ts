import { isApiKey } from "../../shared/api-key.ts";
import { unauthorized } from "./auth-errors.ts";

export interface Credentials {
  kind: "key" | "token";
  text: string;
}

const maxHeaderCharacters = 2048;

/**
 * Reads an Authorization header: one bearer key or token (RFC 6750, section 2.1), by its form alone. Two headers arrive
 * joined by a comma, which neither has. Throws a 401.
 */
export async function readCredentials(header: string | undefined): Promise<Credentials> {
  if (!header) {
    const message = "This server wants an API key: Authorization: Bearer sk-tts-…";
    throw unauthorized("missing_api_key", message, "Bearer");
  }
  if (header.length > maxHeaderCharacters) {
    throw unauthorized(
      "invalid_api_key",
      `Authorization must have at most ${maxHeaderCharacters} characters; it has ${header.length}`,
    );
  }
  const [, text] = /^Bearer +([\w.-]+)$/i.exec(header) ?? [];
  if (text && (await isApiKey(text))) return { kind: "key", text };
  if (text && isSignedToken(text)) return { kind: "token", text };
  throw unauthorized(
    "invalid_api_key",
    "Authorization must be one bearer key of this server, as it was shown when it was made, or a token made with one; this is neither.",
  );
}

/** RFC 7519: header, claims and signature. */
function isSignedToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}
