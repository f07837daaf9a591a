import sax from "sax";

export interface XmlElement {
  /** Without its prefix. */
  name: string;
  /** By their names as they are written, with prefixes. */
  attributes: Readonly<Record<string, string>>;
}

export interface XmlHandler {
  open(element: XmlElement): void;
  close(name: string): void;
  text?(text: string): void;
}

/** No document that somebody reads is nested deeper, and none that a program made. */
const maxDepth = 1000;

/**
 * Walks through a document. Beside XML's own entities it knows those of XHTML by name; what a document type declares is not
 * looked at. Throws an Error fit for the user, with line and column from 1, when it is not well-formed.
 */
export function walkDocument(source: string, path: string, handler: XmlHandler): void {
  const xml = sax.parser(true, { position: true });
  let depth = 0;

  function refuse(problem: string): Error {
    const place = `line ${xml.line + 1}, column ${xml.column}`;
    return new Error(`The EPUB is broken: ${path} ${problem}; at ${place}`);
  }

  xml.onerror = ({ message }) => {
    const reason = message.split("\n")[0]?.replace(/\.$/, "").toLowerCase();
    throw refuse(`must be well-formed XML: ${reason}`);
  };
  xml.onopentag = ({ name, attributes }) => {
    if (++depth > maxDepth) throw refuse(`must not be nested more than ${maxDepth} deep`);
    handler.open({ name: localName(name), attributes: attributes as Record<string, string> });
  };
  xml.onclosetag = (name) => {
    depth--;
    handler.close(localName(name));
  };
  xml.ontext = (text) => handler.text?.(text);
  xml.oncdata = (text) => handler.text?.(text);
  xml.write(source).close();
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
