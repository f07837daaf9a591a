import { type ParseArgsConfig, parseArgs } from "node:util";

/** Reads a command line as parseArgs does. Throws an Error that says in a sentence what is wrong with it. */
export function readOptions<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new Error(findMistake(config) ?? String(cause), { cause });
  }
}

function findMistake({ args = [], options = {}, allowPositionals }: ParseArgsConfig) {
  const { tokens } = parseArgs({
    ...{ args, options, strict: false, allowPositionals: true, tokens: true },
  });
  for (const token of tokens) {
    if (token.kind === "positional" && !allowPositionals) {
      return `${JSON.stringify(token.value)} is one argument too many; --help says what there is`;
    }
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) return `There is no option ${rawName}; --help says which there are`;
    if (option.type === "boolean" && value !== undefined) return `${rawName} takes no value`;
    if (option.type === "boolean") continue;
    if (value === undefined) return `${rawName} needs a value`;
    if (!inlineValue && value.startsWith("-") && value !== "-") {
      return `${rawName} needs a value; one that begins with a dash is written ${rawName}=${value}`;
    }
  }
  return undefined;
}
