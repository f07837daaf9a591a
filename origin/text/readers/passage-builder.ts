import { isBlank } from "../../../shared/text-rules.ts";
import { joined, type MappedText, standIn } from "../mapped-text.ts";
import type { Passage } from "../passage.ts";

/** Who speaks, and how. */
export type Manner = Pick<
  Passage,
  "speaker" | "blend" | "language" | "instructions" | "rate" | "gain"
>;

/** Puts passages together from what a reader comes across, in order. */
export interface PassageBuilder {
  /** Goes on in the passage before where nothing is different and nothing came between. */
  say(text: MappedText, manner: Manner): void;
  /** Ends a sentence or a paragraph, whatever stops it has. */
  end(what: "sentence" | "paragraph"): void;
  /** In seconds; takes the place of the pause that a speaker would make. Pauses in a row add up. */
  pause(seconds: number): void;
  /** Names this place. */
  mark(name: string): void;
  finish(): Passage[];
}

interface Open {
  manner: Manner;
  parts: MappedText[];
  pauseBefore: number | null;
  marks: string[];
}

const breaks = { sentence: "\n", paragraph: "\n\n" };

/** For inputs in which nothing is said, the passage of that nothing is in this manner. */
export function createPassageBuilder(silent: Manner): PassageBuilder {
  const passages: Open[] = [];
  let ending: keyof typeof breaks | null = null;
  let pauseBefore: number | null = null;
  let marks: string[] = [];

  function open(manner: Manner): Open {
    const passage: Open = { manner, parts: [], pauseBefore, marks };
    passages.push(passage);
    pauseBefore = null;
    marks = [];
    return passage;
  }

  return {
    say(text, manner) {
      const current = passages.at(-1);
      if (isBlank(text.text)) {
        current?.parts.push(text);
        return;
      }
      const at = text.spans[0]?.sourceStart ?? 0;
      if (ending) current?.parts.push(standIn(breaks[ending], at, at));
      ending = null;
      const goesOn =
        current && pauseBefore === null && marks.length === 0 && isSame(current.manner, manner);
      (goesOn ? current : open(manner)).parts.push(text);
    },
    end(what) {
      if (ending !== "paragraph") ending = what;
    },
    pause(seconds) {
      pauseBefore = (pauseBefore ?? 0) + seconds;
    },
    mark(name) {
      marks.push(name);
    },
    finish() {
      if (passages.length === 0 || pauseBefore !== null || marks.length > 0) {
        open(passages.at(-1)?.manner ?? silent);
      }
      return passages.map(({ manner, parts, ...before }) => ({
        ...before,
        ...manner,
        text: joined(parts),
      }));
    },
  };
}

function isSame(one: Manner, other: Manner): boolean {
  return (
    one.speaker === other.speaker &&
    one.blend?.key === other.blend?.key &&
    one.language === other.language &&
    one.instructions === other.instructions &&
    one.rate === other.rate &&
    one.gain === other.gain
  );
}
