/** Where a sentence may be parted when it must be: after a comma and the like. */
export const clauseEnd = /(?:[,;:–—]\s|[，；：、])\s*$/;

interface PackOptions {
  /** The most that piece `index` may measure. A part that measures more alone becomes a piece of its own. */
  max(index: number): number;
  measure(text: string): number;
  /** Whether a piece that is to be cut had better end here. */
  isBorder?(piece: string): boolean;
}

/** Joins consecutive parts of a text into pieces as long as they may be. Joined, the pieces are the text. */
export function* packParts(parts: Iterable<string>, options: PackOptions): Generator<string> {
  const { max, measure, isBorder = () => false } = options;
  let index = 0;
  let piece = "";
  let border = 0;
  for (const part of parts) {
    while (piece && measure(piece + part) > max(index)) {
      const end = border || piece.length;
      yield piece.slice(0, end);
      index++;
      piece = piece.slice(end);
      border = 0;
    }
    piece += part;
    if (isBorder(piece)) border = piece.length;
  }
  if (piece) yield piece;
}
