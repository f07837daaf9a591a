/** `auto` lets the builtin engine stand in for models that are not installed; the others keep to one engine. */
export const engineChoices = ["auto", "qwen3", "builtin"] as const;

export type EngineChoice = (typeof engineChoices)[number];
