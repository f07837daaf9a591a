/** What stands where a text could be cut, the better first. */
export type Border = "sentence" | "clause" | "word" | "inside";

/** A piece of a text that is not cut. */
export interface Run {
  text: string;
  /** What it measures, in letters. */
  letters: number;
  /** What follows it. */
  border: Border;
}

interface BalanceLimits {
  /** Of the first part, in letters, unless keeping to it would tear a phrase. */
  first: number;
  /** Of any part, in letters. */
  most: number;
}

/** An utterance of fewer is likely to be said badly, even if it is a sentence. */
const fewLetters = 15;

/**
 * What is bad about a way to cut a text, each by far worse than all that stand below it. Among ways that are otherwise
 * the same, the parts are to be as long as each other: the sum of their squares is least then.
 */
const costs = {
  tail: 1e15,
  inside: 2e13,
  word: 1e12,
  shortSentence: 6e11,
  longFirst: 5e11,
  clause: 1e10,
  sentence: 0,
  part: 1e7,
} as const;

/**
 * Cuts a text, given as its runs, into consecutive parts within the limits: at the ends of sentences, if that does not
 * do after clauses, then between words; in as few parts as that allows, of even lengths, and none of but a few letters.
 * Returns how many runs each part has. A run that is too long alone becomes a part of its own.
 */
export function balance(runs: readonly Run[], { first, most }: BalanceLimits): number[] {
  const lettersTo = [0];
  const visibleTo = [0];
  for (const { text, letters } of runs) {
    lettersTo.push((lettersTo.at(-1) ?? 0) + letters);
    visibleTo.push((visibleTo.at(-1) ?? 0) + (/\P{White_Space}/u.test(text) ? letters : 0));
  }
  const between = (sums: readonly number[], from: number, to: number) =>
    (sums[to] ?? 0) - (sums[from] ?? 0);

  function costOf(from: number, to: number): number {
    const letters = between(lettersTo, from, to);
    return (
      costs.part +
      letters ** 2 +
      costs[borderAt(from)] +
      costOfShortness(from, to) +
      (from === 0 && letters > first ? costs.longFirst : 0)
    );
  }

  function borderAt(index: number): Border {
    return runs[index - 1]?.border ?? "sentence";
  }

  function costOfShortness(from: number, to: number): number {
    const visible = between(visibleTo, from, to);
    const isWhole = from === 0 && to === runs.length;
    // Of white space alone nothing is spoken.
    if (isWhole || visible === 0 || visible >= fewLetters) return 0;
    const isSentence = borderAt(from) === "sentence" && borderAt(to) === "sentence";
    const hasWords = runs.slice(from, to).some(({ text }) => /[\p{L}\p{N}]/u.test(text));
    return isSentence && hasWords ? costs.shortSentence : costs.tail;
  }

  /** The best way to cut what goes before each run: its cost, and where its last part begins. */
  const best = [{ cost: 0, from: 0 }];
  for (let to = 1; to <= runs.length; to++) {
    let choice = { cost: Number.POSITIVE_INFINITY, from: to - 1 };
    for (let from = to - 1; from >= 0; from--) {
      if (from < to - 1 && between(lettersTo, from, to) > most) break;
      const cost = (best[from]?.cost ?? 0) + costOf(from, to);
      if (cost < choice.cost) choice = { cost, from };
    }
    best.push(choice);
  }

  const counts: number[] = [];
  for (let to = runs.length; to > 0; ) {
    const from = best[to]?.from ?? 0;
    counts.unshift(to - from);
    to = from;
  }
  return counts;
}
