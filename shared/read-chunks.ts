/** How much is asked of a stream at once: workerd's own default of 4 KiB would be a turn of its loop for each. */
const readBytes = 64 * 1024;

export interface Chunks {
  /** Undefined at the end. What it gave before is no longer valid then. */
  read(): Promise<Uint8Array | undefined>;
  cancel(): Promise<void>;
}

/** Opens a stream for reading. One of bytes is read into one buffer over and over; one of chunks, as JavaScript makes it, as they are. */
export function openChunks(body: ReadableStream<Uint8Array>): Chunks {
  const byteReader = openByteReader(body);
  if (!byteReader) {
    const reader = body.getReader();
    return {
      read: async () => (await reader.read()).value,
      cancel: () => reader.cancel().catch(() => undefined),
    };
  }
  let buffer = new ArrayBuffer(readBytes);
  return {
    async read() {
      const { done, value } = await byteReader.read(new Uint8Array(buffer));
      if (value) buffer = value.buffer as ArrayBuffer;
      return done ? undefined : value;
    },
    cancel: () => byteReader.cancel().catch(() => undefined),
  };
}

function openByteReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}
