/** How much is asked of a stream at once: workerd's own default of 4 KiB would be a turn of its loop for each. */
const defaultBytes = 64 * 1024;

export interface Chunks {
  /**
   * Waits for more of the stream: for so many bytes if that is said and the runtime can, where it does not end before.
   * Undefined at the end. What it gave before is no longer valid then.
   */
  read(atLeastBytes?: number): Promise<Uint8Array | undefined>;
  cancel(): Promise<void>;
}

/** What workerd's readers can do besides: https://developers.cloudflare.com/workers/runtime-apis/streams/readablestreambyobreader/ */
interface PatientReader {
  readAtLeast(
    bytes: number,
    view: Uint8Array,
  ): Promise<{ done: boolean; value?: Uint8Array<ArrayBuffer> | undefined }>;
}

/**
 * Opens a stream for reading. One of bytes is read into one buffer over and over; one of chunks, as JavaScript makes it,
 * as they are.
 */
export function openChunks(body: ReadableStream<Uint8Array>, bufferBytes = defaultBytes): Chunks {
  const byteReader = openByteReader(body);
  if (!byteReader) {
    const reader = body.getReader();
    return {
      read: async () => (await reader.read()).value,
      cancel: () => reader.cancel().catch(() => undefined),
    };
  }
  let buffer = new ArrayBuffer(bufferBytes);
  return {
    async read(atLeastBytes = 1) {
      const view = new Uint8Array(buffer);
      const bytes = Math.min(Math.max(1, Math.floor(atLeastBytes)), bufferBytes);
      const { value } =
        bytes > 1 && isPatient(byteReader)
          ? await byteReader.readAtLeast(bytes, view)
          : await byteReader.read(view);
      if (!value) return undefined;
      buffer = value.buffer as ArrayBuffer;
      // At its end a stream gives less than was asked for, and then nothing.
      return value.byteLength > 0 ? value : undefined;
    },
    cancel: () => byteReader.cancel().catch(() => undefined),
  };
}

function isPatient(reader: object): reader is PatientReader {
  return "readAtLeast" in reader;
}

function openByteReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}
