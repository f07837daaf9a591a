import { invalidRequest } from "../../../shared/api-error.ts";
import type { ModelId } from "../../../shared/models.ts";
import { castVoice, type Names, unnameable } from "../../../shared/voices/cast.ts";
import { brief } from "../../../shared/wire-values.ts";
import { type MappedText, sliceOf } from "../mapped-text.ts";
import type { Passage } from "../passage.ts";
import { createPassageBuilder, type Manner } from "./passage-builder.ts";
import {
  fastestRate,
  mostPauseSeconds,
  parseDuration,
  parseRate,
  slowestRate,
} from "./ssml-values.ts";

/** `[pause:1.2s]`, `[voice:echo]` and `[rate:1.2]`; other words in brackets are text. */
const tag = /\[(?<name>pause|voice|rate):(?<value>[^\][\n]*)\]/gi;

interface TagOptions {
  model: ModelId;
  manner: Manner;
  catalogue: Names;
}

/**
 * Reads a text with tags in brackets: a pause, and a voice or a rate from there on, which `[voice:]` and `[rate:]` end.
 * Throws an ApiError (400) for a tag whose value cannot be read.
 */
export function readTags(source: MappedText, { model, manner, catalogue }: TagOptions): Passage[] {
  const builder = createPassageBuilder(manner);
  let current = manner;
  let at = 0;
  for (const match of source.text.matchAll(tag)) {
    builder.say(sliceOf(source, at, match.index), current);
    at = match.index + match[0].length;
    const { name = "", value = "" } = match.groups ?? {};
    const refuse = (rule: string) =>
      invalidRequest("invalid_markup", `input must have ${rule}; got ${brief(match[0])}`, "input");
    switch (name.toLowerCase()) {
      case "pause": {
        const seconds = parseDuration(value);
        if (seconds === undefined) {
          throw refuse(
            `pauses of at most ${mostPauseSeconds} seconds, as [pause:1.2s] or [pause:500ms]`,
          );
        }
        builder.pause(seconds);
        break;
      }
      case "rate": {
        const rate = value.trim() === "" ? manner.rate : parseRate(value);
        if (rate === undefined || !(rate >= slowestRate && rate <= fastestRate)) {
          throw refuse(`rates from ${slowestRate} to ${fastestRate}, as [rate:1.2] or [rate:fast]`);
        }
        current = { ...current, rate };
        break;
      }
      case "voice":
        current = { ...current, ...castOf(value) };
    }
  }
  builder.say(sliceOf(source, at, source.text.length), current);
  return builder.finish();

  function castOf(name: string): Pick<Manner, "speaker" | "blend"> {
    const { speaker, blend } = manner;
    if (name.trim() === "") return { speaker, blend };
    const cast = castVoice(name, model, catalogue);
    if (!("rule" in cast)) return { speaker: cast.speaker, blend: cast.blend };
    throw invalidRequest("voice_not_found", `input must ${unnameable(name, cast)}`, "input");
  }
}
