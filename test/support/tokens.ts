import { sign } from "hono/jwt";

interface Minted {
  token: string;
  expires_at: number;
  error: { code: string; message: string };
}

/** The answer of `POST /v1/audio/tokens`, whichever it is. */
export async function mintToken(
  edge: string,
  headers: Record<string, string>,
  fields: object = {},
) {
  const answer = await fetch(`${edge}/v1/audio/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(fields),
  });
  const body = (await answer.json()) as Minted;
  return { status: answer.status, headers: answer.headers, body };
}

/** A token for a key as an edge with this secret would make it, but for what the test changes. */
export async function forgeToken(
  keyId: string,
  secret: string,
  { claims = {}, algorithm = "HS256" }: { claims?: object; algorithm?: "HS256" | "HS512" } = {},
): Promise<{ authorization: string }> {
  const exp = Math.floor(Date.now() / 1000) + 60;
  const models = ["qwen3-tts-12hz-0.6b-custom-voice"];
  const all = { iss: "qwen3-tts-edge", sub: keyId, exp, scopes: ["speech"], models, ...claims };
  return { authorization: `Bearer ${await sign(all, secret, algorithm)}` };
}
