import type { HonoRequest } from "hono";

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
  return authorization || !header
    ? { header: "Authorization", authorization }
    : { header, authorization: `Bearer ${request.header(header)}` };
}
