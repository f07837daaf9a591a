import type { Engines } from "./engines.ts";

/** The engines in one line for the operator: what speaks, what cannot, what could be installed. */
export function describeEngines({ all, notes }: Engines): string {
  const names = all.map((engine) => {
    const state = engine.state() === "ready" ? [] : [engine.state()];
    const device = engine.device ? [engine.device] : [];
    const models = engine.name === "qwen3" ? engine.models() : [];
    const details = [...state, ...device, ...models].join(", ");
    return details ? `${engine.name} (${details})` : engine.name;
  });
  const aside = notes.length > 0 ? ` (${notes.join("; ")})` : "";
  return `engine: ${names.join(" and ") || "none"}${aside}`;
}
