import sax from "sax";
import { type ApiError, invalidRequest } from "../../../shared/api-error.ts";
import { type MappedText, replaceEach, sliceOf, unchanged } from "../mapped-text.ts";

/** An element as it opens. */
export interface Element {
  /** As it is written, with its prefix. */
  name: string;
  attributes: Readonly<Record<string, string>>;
  /** Where its tag ends in the source, in UTF-16 units. */
  end: number;
}

export interface XmlVisitor {
  open(element: Element, refuse: Refuse): void;
  close(name: string): void;
  /** With its entities resolved and its way back to the source. */
  text(text: MappedText): void;
}

/** The error of something at the place where the reading is, which `problem` says in words that follow "input". */
export type Refuse = (problem: string) => ApiError;

/** No text that is meant to be heard is nested deeper. */
const maxDepth = 64;

/** The package's types do not know of entities. */
const strictly = { position: true, strictEntities: true };

/** Of well-formed XML there are no others without a document type, which is refused. */
const entity = /&(?:(?<name>lt|gt|amp|quot|apos)|#x(?<hex>[\da-f]+)|#(?<decimal>\d+));/gi;
const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Walks through an XML document with one root element (XML 1.0, without a document type: no entity is ever expanded but
 * the five that XML has, and characters by their numbers). Throws an ApiError (400) that says line and column, both from 1.
 */
export function walkXml(source: string, root: string, visitor: XmlVisitor): void {
  const whole = unchanged(source);
  const xml = sax.parser(true, strictly);
  let depth = 0;
  let hasRoot = false;
  let textStart = 0;

  function refuse(problem: string): ApiError {
    const place = `line ${xml.line + 1}, column ${xml.column}`;
    return invalidRequest("invalid_ssml", `input ${problem}; at ${place}`, "input");
  }

  /** Hands over what stood since the last markup, and goes behind this one. */
  function flush(): void {
    const end = xml.startTagPosition - 1;
    if (depth > 0 && end > textStart) {
      visitor.text(replaceEach(sliceOf(whole, textStart, end), entity, resolve));
    }
    textStart = Math.max(textStart, xml.position);
  }

  xml.onerror = (error) => {
    const reason = error.message.split("\n")[0] ?? "it is broken";
    throw refuse(`must be well-formed XML: ${lowerFirst(reason.replace(/\.$/, ""))}`);
  };
  xml.ondoctype = () => {
    throw refuse("must have no document type");
  };
  xml.onopentag = ({ name, attributes }) => {
    flush();
    if (depth === 0 && (hasRoot || name !== root)) {
      throw refuse(`must be one <${root}> element; there is <${brief(name)}>`);
    }
    hasRoot = true;
    if (++depth > maxDepth) throw refuse(`must not be nested more than ${maxDepth} deep`);
    visitor.open(
      { name, attributes: attributes as Record<string, string>, end: xml.position },
      refuse,
    );
  };
  xml.onclosetag = (name) => {
    flush();
    visitor.close(name);
    depth--;
  };
  xml.oncomment = () => {
    flush();
    // A comment is told when its two hyphens have come.
    textStart += ">".length;
  };
  xml.onprocessinginstruction = flush;
  xml.oncdata = (cdata) => {
    const end = xml.position - "]]>".length;
    flush();
    visitor.text(sliceOf(whole, end - cdata.length, end));
  };
  xml.write(source).close();
  if (!hasRoot) throw refuse(`must be one <${root}> element`);
}

function resolve({ groups = {} }: RegExpExecArray): string {
  const { name, hex, decimal } = groups;
  if (name) return named[name.toLowerCase()] ?? "";
  return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A name as an error may show it. */
function brief(name: string): string {
  return name.length > 32 ? `a name of ${name.length} characters` : name;
}
