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
