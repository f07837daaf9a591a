import { readOptions } from "../read-options.ts";

/** Of a voice to be cloned; fields by their names on the wire, not yet validated. */
export interface AddOptions {
  file: string;
  /** A path, or the id of a consent. */
  consent: string;
  fields: Fields;
}

export interface TryOptions {
  /** The voice's id or name. */
  voice: string;
  text: string | undefined;
  model: string | undefined;
  language: string | undefined;
  out: string | undefined;
  play: boolean;
}

export type Fields = Record<string, string | undefined>;

/** Throws an Error fit for the user. */
export function readAddOptions(args: string[]): AddOptions {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      name: { type: "string" },
      consent: { type: "string" },
      "ref-text": { type: "string" },
      language: { type: "string" },
    },
  });
  const [file] = requireOperands(positionals, ["FILE"]);
  const { name, consent, language } = values;
  requireName(name);
  if (!consent) {
    throw new Error(
      "--consent is required: a recording of whoever is heard saying that they agree to be cloned, or the id of one that is kept; a voice is somebody's own",
    );
  }
  return { file, consent, fields: { name, ref_text: values["ref-text"], language } };
}

/** The fields of a voice to be designed. Throws an Error fit for the user. */
export function readDesignOptions(args: string[]): Fields {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      name: { type: "string" },
      "script-hint": { type: "string" },
      language: { type: "string" },
    },
  });
  const [prompt] = requireOperands(positionals, ["DESCRIPTION"]);
  const { name, language } = values;
  requireName(name);
  return { type: "prompt", name, prompt, script_hint: values["script-hint"], language };
}

/** Throws an Error fit for the user. */
export function readTryOptions(args: string[]): TryOptions {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      model: { type: "string" },
      language: { type: "string" },
      out: { type: "string" },
      play: { type: "boolean", default: false },
    },
  });
  const [voice, text] = positionals;
  if (positionals.length > 2) {
    throw new Error(`TEXT is one argument, in quotes; got ${positionals.length - 1}`);
  }
  if (voice === undefined) throw new Error("try takes a voice: ID or NAME");
  return { voice, text, ...values, play: values.play || values.out === undefined } as TryOptions;
}

/** As many operands as there are names for them. Throws an Error that says which are missing, or how many are too many. */
export function requireOperands<const Names extends readonly [string, ...string[]]>(
  operands: readonly string[],
  names: Names,
): { [Index in keyof Names]: string } {
  if (operands.length === names.length) return operands as { [Index in keyof Names]: string };
  const wanted = names.map((name) => (name === "DESCRIPTION" ? '"DESCRIPTION"' : name)).join(" ");
  throw new Error(`There must be ${wanted} and no more; got ${operands.length} arguments`);
}

function requireName(name: string | undefined): void {
  if (!name) throw new Error("--name is required: what the voice is to be called");
}
