import type { Catalogue } from "../catalogue.ts";
import { type ModelId, nativeModels, type ResolvedModel, sibling } from "../models.ts";
import type { WrittenTurn } from "../spoken-input.ts";
import { broken, nullIfEmpty } from "../wire-values.ts";
import { type Cast, castVoice, namesKeptVoices, voiceRule } from "./cast.ts";

/** Who speaks, of all that a request names. */
export interface RequestCast {
  voice: Cast;
  /** Of each turn of a dialogue. */
  turns: Cast[];
}

interface Refusal {
  param: "voice" | "input";
  code: string;
  message: string;
}

/** What a field of a voice names; undefined where it names none. */
export function voiceNameOf(field: unknown): unknown {
  const named = typeof field === "object" && field !== null && "id" in field ? field.id : field;
  return nullIfEmpty(named) ?? undefined;
}

/** OpenAI's names mean no kind of model: with kept voices alone they are the Base model of that size. */
export function forVoices(
  model: ResolvedModel,
  fields: readonly unknown[],
  catalogue: Catalogue,
): ResolvedModel {
  if (!model.isOpenAi || nativeModels[model.native].kind !== "custom_voice") return model;
  const names = fields.map(voiceNameOf).filter((name) => typeof name === "string");
  if (names.length === 0 || !names.every((name) => namesKeptVoices(name, catalogue))) return model;
  return { ...model, native: sibling(model.native, "base") };
}

/** A dialogue in which everybody is named needs no voice beside. */
export function castRequest(
  voice: unknown,
  written: readonly WrittenTurn[],
  model: ModelId,
  catalogue: Catalogue,
): RequestCast | Refusal {
  const isUnneeded = written.length > 0 && written.every((turn) => turn.voice !== null);
  const named = voiceNameOf(voice) === undefined && isUnneeded ? undefined : { voice };
  const common = named && chooseVoice("voice", named.voice, model, catalogue);
  if (common && "code" in common) return common;
  const turns: Cast[] = [];
  for (const [index, turn] of written.entries()) {
    const isNamed = turn.voice !== null || !common;
    const cast = isNamed
      ? chooseVoice(`input[${index}].voice`, turn.voice, model, catalogue)
      : common;
    if ("code" in cast) return cast;
    turns.push(cast);
  }
  const first = common ?? turns[0];
  if (!first) throw new Error("a request has a voice, or turns that have");
  return { voice: first, turns };
}

function chooseVoice(
  field: string,
  asked: unknown,
  model: ModelId,
  catalogue: Catalogue,
): Cast | Refusal {
  const param = field === "voice" ? "voice" : "input";
  const name = voiceNameOf(asked);
  if (name !== undefined && typeof name !== "string") {
    return { param, code: "invalid_value", message: broken(field, voiceRule(catalogue), asked) };
  }
  if (name === undefined && nativeModels[model].kind === "base") {
    const message = `${field} must be a voice kept here with ${model}, which has none of its own; got nothing`;
    return { param, code: "voice_not_found", message };
  }
  const presumed = nativeModels[model].kind === "voice_design" ? "design" : catalogue.defaultVoice;
  const cast = castVoice(name ?? presumed, model, catalogue);
  return "rule" in cast
    ? { param, code: "voice_not_found", message: `${field} must be ${cast.rule}` }
    : cast;
}
