const sliceBytes = 0x8000;

/** Standard base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.byteLength; at += sliceBytes) {
    // One call with every byte would overflow the argument stack.
    binary += String.fromCharCode(...bytes.subarray(at, at + sliceBytes));
  }
  return btoa(binary);
}
