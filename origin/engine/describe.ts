import type { Engines } from "./engines.ts";

/** The engines in one line for the operator: what speaks, what cannot, what could be installed. */
export function describeEngines({ all, missing }: Engines): string {
  const names = all.map((engine) =>
    engine.state() === "ready" ? engine.name : `${engine.name} (${engine.state()})`,
  );
  const notes = missing.length > 0 ? ` (${missing.join("; ")})` : "";
  return `engine: ${names.join(", ") || "none"}${notes}`;
}
