// What `input` may be: a text, or the turns of a dialogue.
import { findTextProblem, isBlank, maxTextCodePoints, toComposed } from "./text-rules.ts";
import { brief, nullIfEmpty } from "./wire-values.ts";

export const maxTurns = 128;

/** One turn as it was sent. */
export interface WrittenTurn {
  text: string;
  /** A name, `{"id": name}`, or nothing. */
  voice: unknown;
  instructions: string | null;
}

/** What stands between the texts of two turns where they are one. */
const betweenTurns = "\n";

export interface InputProblem {
  code: string;
  message: string;
}

/** What keeps an input from being spoken, or undefined. */
export function findInputProblem(input: unknown): InputProblem | undefined {
  if (input === undefined) {
    return { code: "missing_required_parameter", message: "input is required" };
  }
  if (typeof input === "string") return problemOf("input", input, { required: true });
  if (!Array.isArray(input)) return invalid(`input must be a string; got ${brief(input)}`);
  if (input.length === 0 || input.length > maxTurns) {
    return invalid(`input must be a string, or 1 to ${maxTurns} turns; it has ${input.length}`);
  }
  for (const [index, turn] of input.entries()) {
    const problem = findTurnProblem(turn, `input[${index}]`);
    if (problem) return problem;
  }
  return problemOf("input", joinTurns(turnsOf(input)), { required: true });
}

function findTurnProblem(turn: unknown, name: string): InputProblem | undefined {
  if (typeof turn !== "object" || turn === null || Array.isArray(turn)) {
    return invalid(`${name} must be {"voice": …, "text": …}; got ${brief(turn)}`);
  }
  const { text, instructions = null } = turn as Record<string, unknown>;
  if (typeof text !== "string") {
    return invalid(`${name}.text must be a string; got ${brief(text)}`);
  }
  const problem = problemOf(`${name}.text`, text, { required: true });
  if (problem || instructions === null) return problem;
  if (typeof instructions !== "string") {
    return invalid(`${name}.instructions must be a string; got ${brief(instructions)}`);
  }
  return problemOf(`${name}.instructions`, instructions, { required: false });
}

function problemOf(
  name: string,
  text: string,
  options: { required: boolean },
): InputProblem | undefined {
  const problem = findTextProblem(text, options);
  return problem && { code: problem.code, message: `${name} ${problem.rule}` };
}

function invalid(message: string): InputProblem {
  return { code: "invalid_value", message };
}

/** The turns of an input in which no problem was found; none of a text. */
export function turnsOf(input: unknown): WrittenTurn[] {
  if (!Array.isArray(input)) return [];
  return input.map(({ text, voice, instructions }: Record<string, unknown>) => ({
    text: toComposed(String(text)),
    voice: nullIfEmpty(voice) ?? null,
    instructions:
      typeof instructions === "string" && !isBlank(instructions) ? toComposed(instructions) : null,
  }));
}

/** Fields of turns that are unknown, by their names on the wire. */
export function unknownTurnFields(input: unknown): string[] {
  if (!Array.isArray(input)) return [];
  const names = input.flatMap((turn: object) => Object.keys(turn));
  const known = ["text", "voice", "instructions"];
  return [...new Set(names)].flatMap((name) => (known.includes(name) ? [] : [`input.${name}`]));
}

/** All that is said, as one text. */
export function joinTurns(turns: readonly Pick<WrittenTurn, "text">[]): string {
  return turns.map(({ text }) => text).join(betweenTurns);
}

/** Where each turn's text is in all of it, in UTF-16 units. */
export function placesOf(
  turns: readonly Pick<WrittenTurn, "text">[],
): { start: number; end: number }[] {
  let at = 0;
  return turns.map(({ text }) => {
    const start = at;
    at += text.length + betweenTurns.length;
    return { start, end: start + text.length };
  });
}

/** In JSON Schema. */
export const inputJsonSchema = {
  anyOf: [
    { type: "string", minLength: 1, maxLength: maxTextCodePoints },
    {
      type: "array",
      minItems: 1,
      maxItems: maxTurns,
      items: {
        type: "object",
        required: ["text"],
        properties: {
          voice: { type: ["string", "object", "null"] },
          text: { type: "string", minLength: 1, maxLength: maxTextCodePoints },
          instructions: { type: ["string", "null"], maxLength: maxTextCodePoints },
        },
      },
    },
  ],
};
