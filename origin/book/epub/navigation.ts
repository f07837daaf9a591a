import { toTitle } from "../book.ts";
import type { Archive } from "./archive.ts";
import { type EpubPackage, resolveHref } from "./package.ts";
import { walkDocument } from "./xml.ts";

/** An entry of the table of contents. */
export interface NavigationEntry {
  title: string;
  /** Of the document that it leads to. */
  path: string;
  /** The id of an element in it; null for its beginning. */
  fragment: string | null;
}

/** Parts and their chapters. What is below these are sections. */
const maxDepth = 2;

/** The chapters by the table of contents, in its order; nothing where there is none. */
export async function readNavigation(
  archive: Archive,
  { navigation, ncx }: Pick<EpubPackage, "navigation" | "ncx">,
): Promise<NavigationEntry[]> {
  for (const [path, read] of [
    [navigation, readNav],
    [ncx, readNcx],
  ] as const) {
    if (path === null || !archive.has(path)) continue;
    const entries = read(await archive.readText(path), path);
    if (entries.length > 0) return entries;
  }
  return [];
}

/** EPUB 3.3, section 7: lists of links in `<nav epub:type="toc">`. */
function readNav(source: string, path: string): NavigationEntry[] {
  const entries: NavigationEntry[] = [];
  let isToc = false;
  let depth = 0;
  let link: { href: string; title: string } | undefined;
  walkDocument(source, path, {
    open({ name, attributes }) {
      if (name === "nav") isToc = (attributes["epub:type"] ?? "").split(/\s+/).includes("toc");
      if (isToc && name === "ol") depth++;
      if (isToc && name === "a") link = { href: attributes.href ?? "", title: "" };
    },
    close(name) {
      if (name === "nav") isToc = false;
      if (isToc && name === "ol") depth--;
      if (name !== "a" || !link) return;
      if (depth <= maxDepth) add(entries, path, link);
      link = undefined;
    },
    text(text) {
      if (link) link.title += text;
    },
  });
  return entries;
}

/** OPF 2.0.1, section 2.4.1: `<navPoint>` with a label and the place of its content. */
function readNcx(source: string, path: string): NavigationEntry[] {
  const entries: NavigationEntry[] = [];
  let depth = 0;
  let isLabel = false;
  let title = "";
  walkDocument(source, path, {
    open({ name, attributes }) {
      if (name === "navPoint") {
        depth++;
        title = "";
      }
      if (name === "navLabel") isLabel = depth > 0;
      if (name === "content" && depth > 0 && depth <= maxDepth) {
        add(entries, path, { href: attributes.src ?? "", title });
      }
    },
    close(name) {
      if (name === "navPoint") depth--;
      if (name === "navLabel") isLabel = false;
    },
    text(text) {
      if (isLabel) title += text;
    },
  });
  return entries;
}

function add(
  entries: NavigationEntry[],
  base: string,
  { href, title }: { href: string; title: string },
): void {
  const place = resolveHref(base, href);
  const shown = toTitle(title);
  if (place && shown !== null) entries.push({ title: shown, ...place });
}
