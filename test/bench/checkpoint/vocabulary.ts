// A byte-level vocabulary of any size that belongs to nobody. Its merges make tokens of two to four letters, so that
// English takes about as many tokens as with a trained one.

const letters = Array.from("abcdefghijklmnopqrstuvwxyz");
/** How byte-level BPE writes the byte of a space. */
const space = "Ġ";
/** The templates of prompts count on each being one token. */
const wordsOfTemplates = ["assistant", "user"];
/** Above the bytes, the merges of the first of these words. */
export const assistantTokenId = 256 + "assistant".length - 2;

export interface Vocabulary {
  /** Ids by token. */
  tokens: Map<string, number>;
  /** Pairs in the order in which they are merged. */
  merges: [string, string][];
}

/** Throws when there is no room for the bytes and the words of templates, or not enough to fill it. */
export function createVocabulary(size: number): Vocabulary {
  const tokens = new Map(byteCharacters().map((character, byte) => [character, byte]));
  const merges: [string, string][] = [];
  for (const [left, right] of pairs()) {
    if (tokens.size === size) break;
    if (tokens.has(left + right)) continue;
    tokens.set(left + right, tokens.size);
    merges.push([left, right]);
  }
  if (tokens.size !== size || !wordsOfTemplates.every((word) => tokens.has(word))) {
    throw new Error(`there is no vocabulary of ${size} tokens`);
  }
  return { tokens, merges };
}

function* pairs(): Generator<[string, string]> {
  for (const word of wordsOfTemplates) {
    for (let end = 1; end < word.length; end++) yield [word.slice(0, end), word.charAt(end)];
  }
  const twos = letters.flatMap((first) => letters.map((second) => first + second));
  for (const two of twos) yield [two.charAt(0), two.charAt(1)];
  for (const letter of letters) yield [space, letter];
  for (const two of twos) yield [space, two];
  for (const start of [...twos, ...twos.map((two) => space + two)]) {
    for (const letter of letters) yield [start, letter];
  }
  for (const start of [...twos, ...twos.map((two) => space + two)]) {
    for (const two of twos) yield [start, two];
  }
}

/** GPT-2's character for every byte: printable ones stand for themselves, the others move above 255. */
function byteCharacters(): string[] {
  let moved = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCodePoint(isPrintable ? byte : moved++);
  });
}
