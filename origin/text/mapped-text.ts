/** A text that was made of another, with the way back: which place of it came of which in the source. */
export interface MappedText {
  readonly text: string;
  /** In order and without gaps in the text; what was left out of the source may be missing. */
  readonly spans: readonly Span[];
}

/** UTF-16 offsets: `[start, end)` of the text came of `[sourceStart, sourceEnd)` of the source. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly sourceStart: number;
  readonly sourceEnd: number;
  /** Whether the two are the same, character by character; else the one stands for the other as a whole. */
  readonly isCopy: boolean;
  /** Whether these are somebody's own words for it, which no rule may change. */
  readonly isFinal?: true;
}

/** What takes the place of `[start, end)`. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** As of a {@link Span}. */
  readonly isFinal?: true;
}

/** A text as it was sent. */
export function unchanged(text: string): MappedText {
  const length = text.length;
  if (length === 0) return { text, spans: [] };
  return {
    text,
    spans: [{ start: 0, end: length, sourceStart: 0, sourceEnd: length, isCopy: true }],
  };
}

/**
 * The text with other words in some places. The replacements must be in order and must not overlap; what touches a place
 * that was replaced before stands for all that it stood for.
 */
export function replaceIn(mapped: MappedText, replacements: readonly Replacement[]): MappedText {
  if (replacements.length === 0) return mapped;
  const parts: MappedText[] = [];
  let done = 0;
  for (const { start, end, text, isFinal } of replacements) {
    if (start < done || end < start || end > mapped.text.length) {
      throw new RangeError(
        `a replacement of ${start} to ${end} after ${done} of ${mapped.text.length}`,
      );
    }
    parts.push(sliceOf(mapped, done, start));
    const source = sourceRange(mapped, start, end);
    parts.push(standIn(text, source.start, source.end, isFinal ? { isFinal } : {}));
    done = end;
  }
  parts.push(sliceOf(mapped, done, mapped.text.length));
  return joined(parts);
}

/** As `String.prototype.replace` with a global pattern, with the way back kept. */
export function replaceEach(
  mapped: MappedText,
  pattern: RegExp,
  replacement: (match: RegExpExecArray) => string | null,
): MappedText {
  const replacements: Replacement[] = [];
  for (const match of mapped.text.matchAll(pattern)) {
    const text = replacement(match);
    if (text === null || text === match[0]) continue;
    replacements.push({ start: match.index, end: match.index + match[0].length, text });
  }
  return replaceIn(mapped, replacements);
}

/** A part of the text, whose way back leads to the same source. */
export function sliceOf(mapped: MappedText, start: number, end: number): MappedText {
  const spans: Span[] = [];
  for (const span of spansWithin(mapped, start, end)) {
    const from = Math.max(span.start, start);
    const to = Math.min(span.end, end);
    const { sourceStart, sourceEnd, isCopy } = span;
    spans.push({
      ...span,
      start: from - start,
      end: to - start,
      sourceStart: isCopy ? sourceStart + from - span.start : sourceStart,
      sourceEnd: isCopy ? sourceEnd + to - span.end : sourceEnd,
    });
  }
  return { text: mapped.text.slice(start, end), spans };
}

/** Texts of one source behind each other. */
export function joined(parts: readonly MappedText[]): MappedText {
  const spans: Span[] = [];
  let length = 0;
  for (const part of parts) {
    for (const span of part.spans) {
      spans.push({ ...span, start: span.start + length, end: span.end + length });
    }
    length += part.text.length;
  }
  return { text: parts.map((part) => part.text).join(""), spans };
}

/** The same text, of a source before which so much of a longer one stands, in UTF-16 units. */
export function movedBy(mapped: MappedText, units: number): MappedText {
  const spans = mapped.spans.map((span) => ({
    ...span,
    sourceStart: span.sourceStart + units,
    sourceEnd: span.sourceEnd + units,
  }));
  return { text: mapped.text, spans };
}

/** Words that stand for `[sourceStart, sourceEnd)` of the source as a whole. */
export function standIn(
  text: string,
  sourceStart: number,
  sourceEnd: number,
  options: Pick<Span, "isFinal"> = {},
): MappedText {
  if (text.length === 0) return { text, spans: [] };
  const place = { start: 0, end: text.length, sourceStart, sourceEnd };
  return { text, spans: [{ ...place, isCopy: false, ...options }] };
}

/** Where `[start, end)` of the text came from: the least of the source that all of it stands for. */
export function sourceRange(
  mapped: MappedText,
  start: number,
  end: number,
): { start: number; end: number } {
  const { spans } = sliceOf(mapped, start, end);
  const [first, last] = [spans[0], spans.at(-1)];
  if (first && last) return { start: first.sourceStart, end: last.sourceEnd };
  const before = mapped.spans[firstAfter(mapped.spans, start) - 1];
  const at = before?.sourceEnd ?? mapped.spans[0]?.sourceStart ?? 0;
  return { start: at, end: at };
}

function* spansWithin({ spans }: MappedText, start: number, end: number): Generator<Span> {
  for (let index = firstAfter(spans, start); index < spans.length; index++) {
    const span = spans[index];
    if (!span || span.start >= end) return;
    yield span;
  }
}

/** The index of the first span that ends after a place. */
function firstAfter(spans: readonly Span[], place: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.end ?? 0) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
