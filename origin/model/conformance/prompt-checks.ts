import type { Tokenizer } from "../tokenizer.ts";
import { type Check, identical, near } from "./check.ts";
import { relativeError } from "./difference.ts";
import type { PreparedCase } from "./prepared-case.ts";
import type { ReferenceSet } from "./reference-set.ts";

/** Rounding alone is a hundred times less. */
const maxPromptError = 1e-4;

/** What the chat template has after the text; the model never sees it. */
const ending = "<|im_end|>\n<|im_start|>assistant\n";
/** And after that of a recording. */
const endingBefore = "<|im_end|>\n";

export function tokenizerCheck(
  checkpoint: string,
  tokenizer: Tokenizer,
  cases: ReferenceSet["tokenizer"],
): Check {
  return identical(
    `${checkpoint}: ids of the tokenizer`,
    "texts",
    cases.map(({ text }) => tokenizer.encodeTemplate(text)),
    cases.map(({ ids }) => ids),
    (index) => JSON.stringify(cases[index]?.text),
  );
}

export function promptChecks(tokenizer: Tokenizer, prepared: PreparedCase): Check[] {
  const { reference, text, saidBefore, layout, prompt } = prepared;
  const named = (what: string) => `${reference.name}: ${what}`;
  const template = [...text.role, ...text.body, ...tokenizer.encodeTemplate(ending)];
  const length = layout.positions.length;
  return [
    identical(named("ids of the text"), "ids", template, reference.input_ids),
    identical(
      named("ids of the instruction"),
      "ids",
      text.instruction,
      reference.instruct_ids ?? [],
    ),
    ...(reference.ref_ids
      ? [
          identical(
            named("ids of what was said before"),
            "ids",
            [...text.role, ...saidBefore, ...tokenizer.encodeTemplate(endingBefore)],
            reference.ref_ids,
          ),
        ]
      : []),
    {
      name: named("length of the prompt"),
      status: length === reference.prompt_length ? "passed" : "failed",
      measured: String(length),
      bound: `exactly ${reference.prompt_length}`,
    },
    near(
      named("vectors of the prompt"),
      { actual: prompt.embeddings, expected: reference.prompt },
      relativeError,
      maxPromptError,
    ),
  ];
}
