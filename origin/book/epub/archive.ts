import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";

/** Far more than a book has, and little enough for any machine. */
const maxEntries = 20_000;
const maxDocumentBytes = 16 * 1024 * 1024;
const maxReadBytes = 128 * 1024 * 1024;

/** The documents in an EPUB (EPUB 3.3, section 4: OCF), which is a ZIP file. */
export interface Archive {
  has(path: string): boolean;
  /** Throws an Error fit for the user when it is not there, broken, encrypted or too large, or no text. */
  readText(path: string): Promise<string>;
}

/** Throws an Error fit for the user when the bytes are no ZIP file, or one that has no place in an EPUB. */
export async function openArchive(bytes: Buffer): Promise<Archive> {
  const zip = await explained(fromBufferPromise(bytes, { lazyEntries: true, autoClose: false }));
  if (zip.entryCount > maxEntries) {
    throw new Error(
      `The EPUB must have at most ${maxEntries} files in it; it has ${zip.entryCount}`,
    );
  }
  const entries = await explained(readEntries(zip));
  let readBytes = 0;
  return {
    has: (path) => entries.has(path),
    async readText(path) {
      const entry = entries.get(path);
      if (!entry) throw new Error(`The EPUB is broken: it has no ${path}`);
      if (entry.isEncrypted()) {
        throw new Error(`The EPUB is encrypted, and cannot be read: ${path} needs a password`);
      }
      const size = entry.uncompressedSize;
      if (size > maxDocumentBytes) {
        const rule = `must have at most ${maxDocumentBytes} bytes`;
        throw new Error(`${path} in the EPUB ${rule}; it has ${size}`);
      }
      readBytes += size;
      if (readBytes > maxReadBytes) {
        throw new Error(`The EPUB must have at most ${maxReadBytes} bytes of text; it has more`);
      }
      // What comes is no longer than it says: the reader sees to that.
      const content = await explained(
        zip.openReadStreamPromise(entry).then((stream) => buffer(stream)),
        path,
      );
      if (crc32(content) !== entry.crc32) {
        throw new Error(`The EPUB is broken: ${path} has another checksum than it should`);
      }
      return decode(content, path);
    },
  };
}

async function readEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entries.has(entry.fileName)) throw new Error(`there are two of ${entry.fileName}`);
    entries.set(entry.fileName, entry);
  }
  return entries;
}

async function explained<T>(reading: Promise<T>, path?: string): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const where = path === undefined ? "" : `${path}: `;
    throw new Error(`The EPUB is broken: ${where}${reason}`, { cause });
  }
}

/** By its byte order mark, else as its XML declaration says, else UTF-8 (XML 1.0, appendix F). */
function decode(bytes: Buffer, path: string): string {
  const declared = /^<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(
    bytes.subarray(0, 200).toString("latin1"),
  );
  const [first, second] = bytes;
  const marked =
    first === 0xff && second === 0xfe
      ? "utf-16le"
      : first === 0xfe && second === 0xff
        ? "utf-16be"
        : undefined;
  const encoding = marked ?? declared?.[1] ?? "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`The EPUB is broken: ${path} is not ${encoding.toUpperCase()}`, { cause });
  }
}
