/** One call with every byte would overflow the argument stack; a multiple of three leaves no padding in the midst. */
const sliceBytes = 3 * 0x1000;

/** Standard base64 with padding (RFC 4648 section 4), by the runtime itself where it can. */
export function toBase64(bytes: Uint8Array): string {
  if (hasToBase64(bytes)) return bytes.toBase64();
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += sliceBytes) {
    // Spread, which iterates, would take five times as long.
    const slice: ArrayLike<number> = bytes.subarray(at, at + sliceBytes);
    text += btoa(Reflect.apply(String.fromCharCode, undefined, slice));
  }
  return text;
}

/** ECMAScript 2026 has `Uint8Array.prototype.toBase64`: workerd knows it, Node from version 25. */
function hasToBase64(bytes: Uint8Array): bytes is Uint8Array & { toBase64(): string } {
  return "toBase64" in bytes && typeof bytes.toBase64 === "function";
}
