import { wireRequestSchema } from "../shared/wire-request.ts";

/**
 * What origins are sent of a client's JSON: the fields known here, as they were written. An origin of a newer version
 * would heed others, which the name that its answer is kept under says nothing of: one request could then change what
 * the next ones hear.
 */
export function originBody(fields: Record<string, unknown>): string {
  const known = Object.entries(fields).filter(([name]) =>
    Object.hasOwn(wireRequestSchema.shape, name),
  );
  return JSON.stringify(Object.fromEntries(known));
}

/** Draws a seed from as many as a request without one can get: 2^48. */
export function drawSeed(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0xffff) * 2 ** 32 + low;
}

/** The same body with that seed. */
export function withSeed(body: string, seed: number): string {
  const fields: object = JSON.parse(body);
  return JSON.stringify({ ...fields, seed });
}
