import { posix } from "node:path";
import { toTitle } from "../book.ts";
import type { Archive } from "./archive.ts";
import { walkDocument } from "./xml.ts";

/** What an EPUB says about itself (EPUB 3.3, section 5: the package document). */
export interface EpubPackage {
  title: string | null;
  /** The documents that are read, in order. */
  spine: string[];
  /** Where the table of contents is: EPUB 3's, and EPUB 2's NCX. */
  navigation: string | null;
  ncx: string | null;
}

interface ManifestItem {
  path: string | null;
  type: string;
  properties: string[];
}

const containerPath = "META-INF/container.xml";
const encryptionPath = "META-INF/encryption.xml";
const packageType = "application/oebps-package+xml";
const readableTypes = ["application/xhtml+xml", "text/html"];

/** They hide fonts from those who have not bought them, and no text. */
const fontObfuscations = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/** Throws an Error fit for the user when the EPUB is broken, or encrypted by a shop. */
export async function readPackage(archive: Archive): Promise<EpubPackage> {
  const packagePath = await findPackage(archive);
  const encrypted = await findEncrypted(archive);
  const requireOpen = (path: string) => {
    if (!encrypted.has(path)) return;
    throw new Error(
      `The EPUB is encrypted (DRM), and only the shop's own programs can read it: ${path} is`,
    );
  };
  requireOpen(packagePath);
  const items = new Map<string, ManifestItem>();
  const order: string[] = [];
  let ncxId: string | undefined;
  let title = "";
  let isInTitle = false;
  let hasTitle = false;
  walkDocument(await archive.readText(packagePath), packagePath, {
    open({ name, attributes }) {
      if (name === "title") isInTitle = !hasTitle;
      if (name === "spine") ncxId = attributes.toc;
      if (name === "item" && attributes.id !== undefined) {
        items.set(attributes.id, {
          path: resolveHref(packagePath, attributes.href ?? "")?.path ?? null,
          type: attributes["media-type"] ?? "",
          properties: (attributes.properties ?? "").split(/\s+/),
        });
      }
      const { idref, linear } = attributes;
      if (name === "itemref" && idref !== undefined && linear !== "no") order.push(idref);
    },
    close(name) {
      if (name !== "title") return;
      isInTitle = false;
      hasTitle ||= title.trim() !== "";
    },
    text(text) {
      if (isInTitle) title += text;
    },
  });
  const all = [...items.values()];
  const navigation = all.find(({ properties }) => properties.includes("nav"))?.path ?? null;
  const spine = order.flatMap((id) => {
    const item = items.get(id);
    if (!item) throw new Error(`The EPUB is broken: its spine has ${id}, and its manifest has not`);
    // What is no text has nothing to say, and a table of contents is for eyes.
    if (!readableTypes.includes(item.type) || item.path === navigation) return [];
    if (item.path === null) throw new Error(`The EPUB is broken: ${id} is at no place within it`);
    requireOpen(item.path);
    return [item.path];
  });
  const ncxType = "application/x-dtbncx+xml";
  const ncx = items.get(ncxId ?? "")?.path ?? all.find(({ type }) => type === ncxType)?.path;
  return { title: toTitle(title), spine, navigation, ncx: ncx ?? null };
}

/** Where a link leads within the EPUB; null for one that leads out of it. */
export function resolveHref(
  base: string,
  href: string,
): { path: string; fragment: string | null } | null {
  const [encoded = "", fragment] = href.trim().split("#", 2);
  if (/^[a-z][a-z\d+.-]*:/i.test(encoded)) return null;
  const path = posix.normalize(posix.join(posix.dirname(base), decoded(encoded)));
  if (path.startsWith("../") || path.startsWith("/")) return null;
  return {
    path: encoded === "" ? base : path,
    fragment: fragment === undefined || fragment === "" ? null : decoded(fragment),
  };
}

/** Some write what looks like an escape and is none. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function findPackage(archive: Archive): Promise<string> {
  if (!archive.has(containerPath)) {
    throw new Error(`The file is no EPUB: it has no ${containerPath}`);
  }
  let path: string | undefined;
  walkDocument(await archive.readText(containerPath), containerPath, {
    open({ name, attributes }) {
      if (name !== "rootfile" || attributes["media-type"] !== packageType) return;
      path ??= attributes["full-path"];
    },
    close: () => undefined,
  });
  if (path === undefined) throw new Error("The EPUB is broken: it names no package document");
  return path;
}

/** What is encrypted so that nobody but a shop's program reads it (EPUB 3.3, section 4.2.6.3.2). */
async function findEncrypted(archive: Archive): Promise<Set<string>> {
  const encrypted = new Set<string>();
  if (!archive.has(encryptionPath)) return encrypted;
  let algorithm = "";
  walkDocument(await archive.readText(encryptionPath), encryptionPath, {
    open({ name, attributes }) {
      if (name === "EncryptedData") algorithm = "";
      // Of the data; a key within it has a method of its own.
      if (name === "EncryptionMethod") algorithm ||= attributes.Algorithm ?? "";
      if (name !== "CipherReference" || fontObfuscations.includes(algorithm)) return;
      const place = resolveHref("root", attributes.URI ?? "");
      if (place) encrypted.add(place.path);
    },
    close: () => undefined,
  });
  return encrypted;
}
