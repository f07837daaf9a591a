/** UTF-8. workerd's types allow for shared memory, which no encoder uses. */
export function encodeText(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).buffer as ArrayBuffer;
}
