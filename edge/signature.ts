import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";

export interface UrlSigner {
  /** The query string, without "?", that lets anybody fetch `path` until `expires`, in Unix seconds. */
  sign(path: string, expires: number): Promise<string>;
  /** What the signature in a URL is worth at `now`, in Unix seconds. "absent" is a URL that claims to have none. */
  verify(url: URL, now: number): Promise<"valid" | "expired" | "invalid" | "absent">;
}

const algorithm = { name: "HMAC", hash: "SHA-256" } as const;

/**
 * Signs URLs with HMAC-SHA256 (RFC 2104). While a secret is being replaced there are several: the first signs, all verify.
 * The signature covers path and expiry, and nothing else of the URL.
 */
export function createUrlSigner(secrets: readonly string[]): UrlSigner {
  const keys = secrets.map(importKey);

  return {
    async sign(path, expires) {
      const [first] = keys;
      if (!first) throw new Error("URLs cannot be signed without a secret");
      const signature = await crypto.subtle.sign(algorithm, await first, signedText(path, expires));
      const text = encodeBase64Url(signature).replaceAll("=", "");
      return new URLSearchParams({ expires: String(expires), signature: text }).toString();
    },

    async verify(url, now) {
      const expires = url.searchParams.getAll("expires");
      const signatures = url.searchParams.getAll("signature");
      if (expires.length === 0 && signatures.length === 0) return "absent";
      const [seconds = "", signature = ""] = [expires.join(), signatures.join()];
      if (!/^[1-9]\d{0,11}$/.test(seconds) || !/^[\w-]{43}$/.test(signature)) return "invalid";
      const bytes = decodeBase64Url(signature);
      const text = signedText(url.pathname, Number(seconds));
      for (const key of keys) {
        // Compares in constant time.
        if (await crypto.subtle.verify(algorithm, await key, bytes, text)) {
          return now < Number(seconds) ? "valid" : "expired";
        }
      }
      return "invalid";
    },
  };
}

function importKey(secret: string) {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

/** Begins with its purpose, so that no other text signed with the same secret is taken for a URL. */
function signedText(path: string, expires: number): Uint8Array {
  return new TextEncoder().encode(`url\n${path}\n${expires}`);
}
