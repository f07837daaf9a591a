import { modelIds, nativeModels, resolveModel } from "../../shared/models.ts";
import type { Engines } from "./engines.ts";

/** The engines in one line for the operator: what speaks, what cannot, what could be installed. */
export function describeEngines({ models, device, builtin, notes }: Engines): string {
  const names = models.slots.map(({ model, state }) =>
    state === "ready" ? model : `${model} ${state}`,
  );
  const qwen3 = names.length > 0 ? [`qwen3 (${[device, ...names].join(", ")})`] : [];
  const state = builtin?.state();
  const standIn = state ? [state === "ready" ? "builtin" : `builtin (${state})`] : [];
  const aside = notes.length > 0 ? ` (${notes.join("; ")})` : "";
  return `engine: ${[...qwen3, ...standIn].join(" and ") || "none"}${aside}`;
}

/** What speaks for each name of a model that has voices: the model itself, another one of its kind, or an engine that needs none. */
export function speakersOfNames({ answering }: Pick<Engines, "answering">): Map<string, string> {
  return new Map(
    modelIds.flatMap((id) => {
      const native = resolveModel(id)?.native;
      if (!native || nativeModels[native].kind === "base") return [];
      const { engine, model } = answering(native);
      return [[id, engine === "qwen3" ? `qwen3 (${model})` : (engine ?? "nothing")]];
    }),
  );
}

/** The same in one line for the operator. */
export function describeNames(engines: Pick<Engines, "answering">): string {
  const all = [...speakersOfNames(engines)];
  const groups = [...new Set(all.map(([, speaker]) => speaker))].map((speaker) => {
    const names = all.flatMap(([id, its]) => (its === speaker ? [id] : []));
    return `${names.join(", ")} by ${speaker}`;
  });
  return `spoken: ${groups.join("; ")}`;
}
