import type { HonoRequest } from "hono";
import { tokenOfSocket } from "../socket.ts";

/** The headers of other APIs that carry a bare key: Azure's and ElevenLabs'. */
const bareKeyHeaders = ["api-key", "xi-api-key"] as const;

export interface ShownKey {
  /** The header it came in, as an error may name it. */
  header: string;
  /** As `Authorization` would carry it; undefined where nothing is shown. */
  authorization: string | undefined;
}

/** The key that a request shows, in any of the headers that are taken. `Authorization` goes before the others. */
export function shownKey(request: HonoRequest): ShownKey {
  const authorization = request.header("authorization");
  const header = bareKeyHeaders.find((name) => request.header(name));
  const token = authorization || header ? undefined : tokenOfSocket(request);
  // A key must not be where addresses are logged.
  if (token && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
    return { header: "token", authorization: `Bearer ${token}` };
  }
  return authorization || !header
    ? { header: "Authorization", authorization }
    : { header, authorization: `Bearer ${request.header(header)}` };
}
