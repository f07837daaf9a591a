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
