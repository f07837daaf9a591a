import { isBlank } from "../../../shared/text-rules.ts";
import { type Book, type BookChapter, toTitle } from "../book.ts";
import { openArchive } from "./archive.ts";
import { type NavigationEntry, readNavigation } from "./navigation.ts";
import { readPackage } from "./package.ts";
import { type DocumentText, readXhtml } from "./xhtml-text.ts";

/**
 * Reads an EPUB 2 or 3: the documents of its spine in order, cut where its table of contents says that chapters begin, also within a
 * document, and otherwise one chapter for each. Throws an Error fit for the user.
 */
export async function readEpub(bytes: Buffer): Promise<Book> {
  const archive = await openArchive(bytes);
  const { title, spine, ...tables } = await readPackage(archive);
  const entries = await readNavigation(archive, tables);
  const chapters: BookChapter[] = [];
  let leftOutNotes = 0;

  function add(title: string | null, text: string): void {
    if (!isBlank(text)) chapters.push({ title, text: text.trim() });
  }

  let open: BookChapter = { title: null, text: "" };
  for (const path of spine) {
    const own = entries.filter((entry) => entry.path === path);
    const wanted = new Set(own.flatMap(({ fragment }) => fragment ?? []));
    const document = readXhtml(await archive.readText(path), path, wanted);
    leftOutNotes += document.leftOutNotes;
    if (entries.length === 0) {
      add(toTitle(document.heading ?? ""), document.text);
      continue;
    }
    let from = 0;
    for (const [at, title] of beginnings(own, document)) {
      open.text += `\n\n${document.text.slice(from, at)}`;
      add(open.title, open.text);
      open = { title, text: "" };
      from = at;
    }
    open.text += `\n\n${document.text.slice(from)}`;
  }
  add(open.title, open.text);
  const notes = leftOutNotes === 0 ? [] : [`Not read: ${leftOutNotes} footnotes or lists of them`];
  return { title, chapters, notes };
}

/** Where chapters begin in a document, in order. Those that begin at one place, as a part and its first chapter, are one. */
function beginnings(
  entries: readonly NavigationEntry[],
  { places }: DocumentText,
): [at: number, title: string | null][] {
  const titles = new Map<number, string[]>();
  for (const { title, fragment } of entries) {
    const at = fragment === null ? 0 : (places.get(fragment) ?? 0);
    const there = titles.get(at) ?? [];
    if (!there.includes(title)) there.push(title);
    titles.set(at, there);
  }
  return Array.from(titles, ([at, there]): [number, string | null] => [
    at,
    toTitle(there.join(": ")),
  ]).toSorted(([a], [b]) => a - b);
}
