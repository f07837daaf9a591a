import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBook } from "../../origin/book/read-book.ts";
import type { Origin } from "../../origin/http/server.ts";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { createEntryNames } from "../../shared/batch/entry-names.ts";
import { epub } from "../support/epub.ts";
import { runs } from "../support/fuzz.ts";
import { startTestOrigin } from "../support/system.ts";

const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        ..."../ ..\\ / \\ . .. con NUL com1 lpt9.txt C: a A \u212b \u00c5 A\u030a \ufb01 fi \0 \n \u202e % ~ - :ads".split(
          " ",
        ),
        ..." ,\ud800,manifest.json,.mp3,.MP3,\u2024,\uff0e\uff0e\uff0f,ı,İ,ß,ss".split(","),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join("")),
);

it("names the files of an archive safely and apart, whatever items are called", () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(name), { maxLength: 12 }),
      fc.constantFrom("mp3", "wav", "json", "srt"),
      (ids, extension) => {
        const names = createEntryNames();
        const given = ids.map((customId, index) => names.next({ index, customId }, extension));
        for (const each of given) {
          expect(each).toMatch(new RegExp(`^[^/\\\\:*?"<>|\\p{Cc}\\p{Cs}]+\\.${extension}$`, "u"));
          expect(each).not.toMatch(/^[.\s]|[.\s]\.\w+$/u);
          expect(each).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)\./i);
          expect(Buffer.byteLength(each)).toBeLessThanOrEqual(255);
        }
        const folded = given.map((each) => each.normalize("NFKC").toLowerCase());
        expect(new Set(folded).size).toBe(given.length);
        // macOS takes names apart and Windows writes them large.
        const upper = given.map((each) => each.normalize("NFD").toUpperCase());
        expect(new Set(upper).size).toBe(given.length);
      },
    ),
    runs(300),
  );
});

describe("a book that is damaged", () => {
  const documents = {
    "a.xhtml": "<h1>One</h1><p>It began &amp; went on.</p>",
    "b.xhtml": "<h1 id='b'>Two</h1><p>It ended.</p>",
  };
  const nav = '<li><a href="a.xhtml">One</a></li><li><a href="b.xhtml#b">Two</a></li>';
  const whole = epub({ documents, nav });

  async function expectBookOrReason(bytes: Buffer, kind: "epub" | "markdown" | "text") {
    const read = await readBook("book", bytes, kind).catch((cause: unknown) => cause);
    if (!(read instanceof Error)) return;
    // Fit for the user: no fault of the program.
    expect(read.constructor, read.stack).toBe(Error);
    expect(read.message.length, read.message).toBeLessThan(1000);
  }

  it("as an EPUB is read or refused in words, with bytes changed, missing or doubled", async () => {
    const change = fc.record({ at: fc.nat(whole.length), bytes: fc.uint8Array({ maxLength: 6 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 4 }),
        fc.option(fc.nat(whole.length), { freq: 3 }),
        async (changes, length) => {
          const bytes = Buffer.from(whole);
          for (const { at, bytes: others } of changes)
            bytes.set(others.subarray(0, whole.length - at), at);
          await expectBookOrReason(bytes.subarray(0, length ?? whole.length), "epub");
        },
      ),
      runs(200),
    );
  });

  const part = fc.oneof(
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.constantFrom(
      ..."<p>|</p>|<h1>|</h1 >|<a id='b'/>|<br/>|&nbsp;|&bogus;|&#0;|&#xD800;|<![CDATA[|]]>|<!--|-->|<?pi|?>|<!DOCTYPE a [<!ENTITY x 'y'>]>|&x;|<svg:a/>|<p xml:lang='|'>".split(
        "|",
      ),
    ),
  );
  const href = fc.constantFrom(
    ..."a.xhtml b.xhtml#b #b ../../../etc/passwd /etc/passwd file:///etc/passwd http://a.b/ a.xhtml#%zz %00 a%2exhtml //x".split(
      " ",
    ),
    "",
  );

  it("as an EPUB is read or refused in words, with documents, lists and paths of any kind", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 8 }),
        fc.array(href, { maxLength: 4 }),
        fc.array(part, { maxLength: 4 }),
        async (parts, hrefs, files) => {
          const made = epub({
            documents: { ...documents, "a.xhtml": parts.join("") },
            nav: hrefs.map((to) => `<li><a href="${to}">x</a></li>`).join(""),
            ...(files.length > 3 ? { files: { "META-INF/container.xml": files.join("") } } : {}),
          });
          await expectBookOrReason(made, "epub");
        },
      ),
      runs(150),
    );
  });
});

describe("an upload", () => {
  let origin: Origin;

  beforeAll(async () => {
    origin = await startTestOrigin();
  });

  afterAll(() => origin.close());

  const boundary = fc.constantFrom("b", "", "a b", '"', "x".repeat(71), "--", "é", "b; charset=x");
  const fieldName = fc.constantFrom(
    ..."name language recording audio_sample consent type prompt ref_text __proto__ constructor x".split(
      " ",
    ),
    "n".repeat(5000),
    'a"b',
    "\r\n",
    "",
  );
  const value = fc.oneof(
    fc.constantFrom(
      "Anna",
      "en-US",
      "audio_sample",
      "prompt",
      "x".repeat(3000),
      "--b--",
      "\r\n--b",
      "<|im_end|>",
    ),
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      "RIFF\0\0\0\0WAVEfmt ",
      "OggS\0",
      "fLaC\0\0\0\x22",
      "ID3\x04",
      "\x1aE\xdf\xa3",
      "\0\0\0\x18ftypM4A ",
    ),
  );
  const disposition = fc.constantFrom(
    (field: string) => `Content-Disposition: form-data; name="${field}"`,
    (field: string) =>
      `Content-Disposition: form-data; name="${field}"; filename="../../x.wav"\r\nContent-Type: audio/wav`,
    (field: string) => `content-disposition: form-data; name=${field}`,
    (field: string) => `Content-Disposition: attachment; name="${field}"`,
    (field: string) => `X-${field}: 1`,
    () => "",
  );
  const upload = fc.record({
    said: boundary,
    used: boundary,
    isSame: fc.boolean(),
    fields: fc.array(fc.tuple(fieldName, disposition, value), { maxLength: 6 }),
    end: fc.constantFrom("--\r\n", "--", "", "\r\n", "\r\ngarbage"),
  });

  it.each(["name", "__proto__", "n".repeat(5000)])(
    "that has a field twice is refused, however it is called",
    async (field) => {
      const form = new FormData();
      for (const content of ["a", "b"]) form.append(field, content);
      const answer = await fetch(`${origin.url}/v1/audio/voices`, { method: "POST", body: form });
      const body = await answer.text();
      expect([answer.status, body.length < 1000], body).toEqual([400, true]);
      const { error } = errorEnvelopeSchema.parse(JSON.parse(body));
      expect(error.param).toBe(field.slice(0, 64));
    },
  );

  it("of any kind is refused in words that name the field", async () => {
    await fc.assert(
      fc.asyncProperty(
        upload,
        fc.constantFrom("/v1/audio/voices", "/v1/audio/voice_consents"),
        async ({ said, used, isSame, fields, end }, path) => {
          const mark = `--${isSame ? said : used}`;
          const parts = fields.map(([field, head, content]) =>
            Buffer.from(`${mark}\r\n${head(field)}\r\n\r\n${content}\r\n`, "latin1"),
          );
          const answer = await fetch(origin.url + path, {
            method: "POST",
            headers: { "content-type": encodeURI(`multipart/form-data; boundary=${said}`) },
            body: Buffer.concat([...parts, Buffer.from(mark + end)]),
          });
          const body = await answer.text();
          // There is no model here that would make a voice.
          expect([400, 404, 413, 415, 503], body).toContain(answer.status);
          const { error } = errorEnvelopeSchema.parse(JSON.parse(body));
          expect(body.length, body.slice(0, 300)).toBeLessThan(2000);
          if (answer.status === 503) expect(error.code).toBe("model_not_loaded");
        },
      ),
      runs(60),
    );
  });
});
