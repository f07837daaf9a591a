import { describe, expect, it } from "vitest";
import { openArchive } from "../../../origin/book/epub/archive.ts";
import { readEpub } from "../../../origin/book/epub/read-epub.ts";
import { epub, epubEntries, zip } from "../../support/epub.ts";

const chapters = async (bytes: Buffer) => (await readEpub(bytes)).chapters;
/** What a document says. */
const textOf = async (body: string) =>
  (await chapters(epub({ documents: { "a.xhtml": body } })))[0]?.text;

describe("the chapters of an EPUB", () => {
  it("are where its table of contents says, also within documents and across them, parts with their first", async () => {
    const nav = `
      <li><span>Not a link</span></li>
      <li><a href="one.xhtml">Part <i>One</i></a><ol>
        <li><a href="one.xhtml#c1">The Beginning</a><ol><li><a href="one.xhtml#s">A section</a></li></ol></li>
        <li><a href="one.xhtml#c%32">The Middle</a></li></ol></li>
      <li><a href="three.xhtml#nowhere">The End</a></li>
      <li><a href="https://example.com/">Elsewhere</a></li>`;
    const documents = {
      "front.xhtml": "<p>For my mother.</p>",
      "one.xhtml":
        '<h1 id="c1">The Beginning</h1><p>It began.</p><p id="s">It went on.</p><h1><a id="c2"/>The Middle</h1><p>Half way.</p>',
      "two.xhtml": "<p>More of the middle.</p>",
      "three.xhtml": "<h1>The End</h1><p>It ended.</p>",
    };
    const book = await readEpub(epub({ documents, nav, title: " A\n Book " }));
    expect(book).toEqual({
      title: "A Book",
      notes: [],
      chapters: [
        { title: null, text: "For my mother." },
        {
          title: "Part One: The Beginning",
          text: "The Beginning\n\nIt began.\n\nIt went on.",
        },
        { title: "The Middle", text: "The Middle\n\nHalf way.\n\nMore of the middle." },
        { title: "The End", text: "The End\n\nIt ended." },
      ],
    });
  });

  it("are read from the NCX of an EPUB 2", async () => {
    const point = (label: string, src: string, inner = "") =>
      `<navPoint><navLabel><text>${label}</text></navLabel><content src="${src}"/>${inner}</navPoint>`;
    const ncx = point("One", "a.xhtml") + point("Two", "a.xhtml#two", point("Three", "b.xhtml"));
    const documents = { "a.xhtml": '<p>1</p><p id="two">2</p>', "b.xhtml": "<p>3</p>" };
    expect(await chapters(epub({ documents, ncx }))).toEqual([
      { title: "One", text: "1" },
      { title: "Two", text: "2" },
      { title: "Three", text: "3" },
    ]);
  });

  it("are its documents with their headings where it has no table, without those that say nothing", async () => {
    const documents = {
      "cover.xhtml": '<div><img src="cover.jpg" alt=""/></div>',
      "a.xhtml": "<h2>First</h2><p>One.</p>",
      "b.xhtml": "<p>Two.</p>",
    };
    expect(await chapters(epub({ documents }))).toEqual([
      { title: "First", text: "First\n\nOne." },
      { title: null, text: "Two." },
    ]);
  });
});

describe("a document of an EPUB is read as it is shown", () => {
  it.each([
    ["white space", "<p>One\n  <b> two</b>,\tthree</p>", "One two, three"],
    [
      "blocks",
      "<div>One<p>Two</p>Three</div><hr/><blockquote>Four</blockquote>",
      "One\n\nTwo\n\nThree\n\nFour",
    ],
    ["line breaks", "<p>One<br/>two</p>", "One\ntwo"],
    [
      "entities of XML and of XHTML",
      "<p>Caf&eacute;&nbsp;&amp; &#x2014; &lt;b&gt;</p>",
      "Café\u00a0& — <b>",
    ],
    [
      "tables",
      "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
      "A, B\n\n1, 2",
    ],
    ["preformatted text", "<pre>a\n  b</pre>", "a\n  b"],
    ["images", '<p><img src="t.png" alt="T"/>here was</p>', "There was"],
    ["ruby", "<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字</p>", "漢字"],
    ["scripts", "<p>a<script>b &lt; c</script></p>", "a"],
    ["what is hidden", '<p>a</p><p hidden="hidden">b<br/></p><p>c</p>', "a\n\nc"],
    ["CDATA", "<p><![CDATA[a < b]]></p>", "a < b"],
    [
      "page numbers and notes",
      '<p>a<a epub:type="noteref" href="#n">1</a> b<span role="doc-pagebreak">77</span></p><aside epub:type="footnote" id="n"><p>c</p></aside><p>d</p>',
      "a b\n\nd",
    ],
  ])("%s", async (_, body, text) => {
    expect(await textOf(body)).toBe(text);
  });

  it("says how many notes were left out", async () => {
    const documents = {
      "a.xhtml":
        '<p>a</p><aside epub:type="footnote">b</aside><section role="doc-endnotes">c</section>',
    };
    expect((await readEpub(epub({ documents }))).notes).toEqual([
      "Not read: 2 footnotes or lists of them",
    ]);
  });

  it("in the encoding that it says", async () => {
    const declared =
      '<?xml version="1.0" encoding="ISO-8859-1"?><html><body><p>Caf\u00e9</p></body></html>';
    const marked = `\ufeff<html><body><p>Café</p></body></html>`;
    for (const content of [Buffer.from(declared, "latin1"), Buffer.from(marked, "utf16le")]) {
      const files = { "OEBPS/a.xhtml": content };
      const [chapter] = await chapters(epub({ documents: { "a.xhtml": "" }, files }));
      expect(chapter?.text).toBe("Café");
    }
  });
});

const small = { documents: { "a.xhtml": "<p>One.</p>" } };

/** By how a shop encrypts: what, and by which algorithm. */
const encryption = (uri: string, algorithm: string) => `<?xml version="1.0"?>
  <encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#">
  <enc:EncryptedData><enc:EncryptionMethod Algorithm="${algorithm}"/>
  <enc:CipherData><enc:CipherReference URI="${uri}"/></enc:CipherData></enc:EncryptedData></encryption>`;

it("an EPUB whose fonts are obfuscated is read", async () => {
  const obfuscated = encryption("OEBPS/a.xhtml", "http://www.idpf.org/2008/embedding");
  const files = { "META-INF/encryption.xml": obfuscated };
  expect(await chapters(epub({ ...small, files }))).toHaveLength(1);
});

describe("an EPUB is refused, with the reason,", () => {
  const withFiles = (files: Record<string, string>) => epub({ ...small, files });
  const changed = (name: string, change: object) =>
    zip(epubEntries(small).map((entry) => (entry.name === name ? { ...entry, ...change } : entry)));
  const document = "OEBPS/a.xhtml";

  it.each<[string, () => Buffer, string | RegExp]>([
    [
      "whose text is encrypted by a shop",
      () =>
        withFiles({
          "META-INF/encryption.xml": encryption(
            document,
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
          ),
        }),
      "The EPUB is encrypted (DRM), and only the shop's own programs can read it: OEBPS/a.xhtml is",
    ],
    [
      "that needs a password",
      () => changed(document, { isEncrypted: true }),
      "The EPUB is encrypted, and cannot be read: OEBPS/a.xhtml needs a password",
    ],
    [
      "that is no ZIP file",
      () => Buffer.from("Hello"),
      /^The EPUB is broken: .*end of central directory/i,
    ],
    [
      "that is another ZIP file",
      () => zip([{ name: "word/document.xml", content: "<w/>" }]),
      "The file is no EPUB: it has no META-INF/container.xml",
    ],
    [
      "whose document is larger than any text",
      () => withFiles({ [document]: `<p>${" ".repeat(17 * 1024 * 1024)}</p>` }),
      "OEBPS/a.xhtml in the EPUB must have at most 16777216 bytes; it has 17825799",
    ],
    [
      "whose document is larger than it says",
      () => changed(document, { content: " ".repeat(1024 * 1024), statedSize: 100 }),
      /^The EPUB is broken: OEBPS\/a\.xhtml: too many bytes/,
    ],
    [
      "that has more files than any book",
      () => zip(Array.from({ length: 20_001 }, (_, i) => ({ name: `${i}`, content: "" }))),
      "The EPUB must have at most 20000 files in it; it has 20001",
    ],
    [
      "with a file outside of it",
      () => withFiles({ "../../etc/passwd": "x" }),
      "The EPUB is broken: invalid relative path: ../../etc/passwd",
    ],
    [
      "with two files of one name",
      () => zip([...epubEntries(small), { name: document, content: "x" }]),
      "The EPUB is broken: there are two of OEBPS/a.xhtml",
    ],
    [
      "whose document is missing",
      () => zip(epubEntries(small).filter(({ name }) => name !== document)),
      "The EPUB is broken: it has no OEBPS/a.xhtml",
    ],
    [
      "whose document is not well-formed",
      () => withFiles({ [document]: "<html><body>\n<p>One</b></body></html>" }),
      "The EPUB is broken: OEBPS/a.xhtml must be well-formed XML: unexpected close tag; at line 2, column 10",
    ],
    [
      "whose document uses an entity of its own",
      () => withFiles({ [document]: '<!DOCTYPE p [<!ENTITY a "bbbb">]><p>&a;</p>' }),
      /^The EPUB is broken: OEBPS\/a\.xhtml must be well-formed XML: invalid character entity/,
    ],
    [
      "whose document is nested too deep",
      () => withFiles({ [document]: "<b>".repeat(10_000) }),
      /^The EPUB is broken: OEBPS\/a\.xhtml must not be nested more than 1000 deep/,
    ],
    [
      "whose document is not in its encoding",
      () => changed(document, { content: Buffer.from("<p>Caf\u00e9</p>", "latin1") }),
      "The EPUB is broken: OEBPS/a.xhtml is not UTF-8",
    ],
    [
      "whose spine has what its manifest has not",
      () =>
        withFiles({
          "OEBPS/book.opf": '<package><spine><itemref idref="x"/></spine></package>',
        }),
      "The EPUB is broken: its spine has x, and its manifest has not",
    ],
    [
      "whose document has another checksum",
      () => {
        const files = epubEntries(small).filter(({ name }) => name !== document);
        const broken = zip([{ name: document, content: "<p>One.</p>" }, ...files]);
        broken[broken.indexOf("One.")] = "0".charCodeAt(0);
        return broken;
      },
      "The EPUB is broken: OEBPS/a.xhtml has another checksum than it should",
    ],
  ])("%s", async (_, make, message) => {
    const reading = readEpub(make());
    await expect(reading).rejects.toThrow(message);
  });
});

it("an EPUB of which all documents are larger than any book is refused before the last is read", async () => {
  const names = Array.from({ length: 9 }, (_, index) => `${index}.xhtml`);
  const content = " ".repeat(15 * 1024 * 1024);
  const archive = await openArchive(zip(names.map((name) => ({ name, content }))));
  for (const name of names.slice(0, 8)) await archive.readText(name);
  await expect(archive.readText("8.xhtml")).rejects.toThrow(
    "The EPUB must have at most 134217728 bytes of text; it has more",
  );
});
