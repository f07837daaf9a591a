import { encodeText } from "./encode-text.ts";

/** Draws a seed from as many as a request without one can get: 2^48. */
export function drawSeed(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0xffff) * 2 ** 32 + low;
}

/** The client's JSON with that seed; the object is known to be one. */
export function withSeed(body: ArrayBuffer, seed: number): ArrayBuffer {
  const fields: object = JSON.parse(new TextDecoder().decode(body));
  return encodeText(JSON.stringify({ ...fields, seed }));
}
