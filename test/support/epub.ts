import { crc32, deflateRawSync } from "node:zlib";

/** A file of a ZIP archive. */
export interface ZipEntry {
  name: string;
  content: string | Uint8Array;
  /** What the archive says its size is, where that is not the truth. */
  statedSize?: number;
  isEncrypted?: boolean;
}

/** Writes a ZIP archive (APPNOTE.TXT 6.3.10), the first file as it is and the others deflated, as EPUB has it. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [index, { name, content, statedSize, isEncrypted = false }] of entries.entries()) {
    const bytes = Buffer.from(content);
    const packed = index === 0 ? bytes : deflateRawSync(bytes);
    const nameBytes = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(0x800 + (isEncrypted ? 1 : 0), 2);
    facts.writeUInt16LE(index === 0 ? 0 : 8, 4);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(statedSize ?? bytes.length, 18);
    facts.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), facts, nameBytes, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    const version = Buffer.from([20, 0]);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), version, facts, rest, nameBytes]));
    files.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, listed, Buffer.from("PK\u0005\u0006"), end]);
}

export const container = `<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>`;

export const xhtml = (body: string) =>
  `<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>Not read</title><style>p { color: red }</style></head><body>${body}</body></html>`;

interface EpubParts {
  /** Bodies by their names, which the spine has in this order. */
  documents: Record<string, string>;
  /** The lists of a table of contents, in EPUB 3's way. */
  nav?: string;
  /** The points of one, in EPUB 2's. */
  ncx?: string;
  title?: string;
  /** More files, or others than there would be. */
  files?: Record<string, ZipEntry["content"]>;
}

export function epubEntries({
  documents,
  nav,
  ncx,
  title = "A Book",
  files = {},
}: EpubParts): ZipEntry[] {
  const names = Object.keys(documents);
  const items = names.map(
    (name, index) => `<item id="d${index}" href="${name}" media-type="application/xhtml+xml"/>`,
  );
  if (nav !== undefined) {
    items.push(
      `<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>`,
    );
  }
  if (ncx !== undefined) {
    items.push(`<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>`);
  }
  const refs = names.map((_, index) => `<itemref idref="d${index}"/>`);
  const opf = `<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${title}</dc:title></metadata>
  <manifest>${items.join("")}<item id="cover" href="cover.svg" media-type="image/svg+xml"/></manifest>
  <spine${ncx === undefined ? "" : ' toc="ncx"'}><itemref idref="cover"/>${nav === undefined ? "" : '<itemref idref="nav"/>'}${refs.join("")}</spine>
</package>`;
  const all: Record<string, ZipEntry["content"]> = {
    mimetype: "application/epub+zip",
    "META-INF/container.xml": container,
    "OEBPS/book.opf": opf,
    "OEBPS/cover.svg": "<svg/>",
    ...(nav === undefined
      ? {}
      : { "OEBPS/nav.xhtml": xhtml(`<nav epub:type="toc"><ol>${nav}</ol></nav>`) }),
    ...(ncx === undefined
      ? {}
      : {
          "OEBPS/toc.ncx": `<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>${ncx}</navMap></ncx>`,
        }),
    ...Object.fromEntries(
      Object.entries(documents).map(([name, body]) => [`OEBPS/${name}`, xhtml(body)]),
    ),
    ...files,
  };
  return Object.entries(all).map(([name, content]) => ({ name, content }));
}

export function epub(parts: EpubParts): Buffer {
  return zip(epubEntries(parts));
}
