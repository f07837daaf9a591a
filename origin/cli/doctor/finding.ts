/** What one check found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  check: string;
  /** `good`; `note` where something could be better or is not known; `bad` where nothing would be spoken. */
  state: "good" | "note" | "bad";
  /** What is so, in one line. */
  says: string;
  /** What to do about it. */
  fix?: string;
}

/** Looks at one part of the system. What it throws is found `bad`. */
export type Check = () => Promise<Finding[]> | Finding[];

export const good = (check: string, says: string): Finding => ({ check, state: "good", says });

export const note = (check: string, says: string, fix?: string): Finding => ({
  check,
  state: "note",
  says,
  ...(fix === undefined ? {} : { fix }),
});

export const bad = (check: string, says: string, fix: string): Finding => ({
  check,
  state: "bad",
  says,
  fix,
});

/** One line for a terminal, with the fix behind an arrow. */
export function lineOf({ check, state, says, fix }: Finding): string {
  const mark = { good: "ok  ", note: "note", bad: "BAD " }[state];
  return `${mark}  ${check.padEnd(10)} ${says}${fix ? ` → ${fix}` : ""}`;
}
