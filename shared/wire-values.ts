// How values of requests are read and shown, whatever field they are of.

/** What settings pages send of a field that was left empty is as good as nothing. */
export function nullIfEmpty(value: unknown): unknown {
  return typeof value === "string" && value.trim() === "" ? null : value;
}

/** The message for a field that breaks its rule. */
export function broken(field: string, rule: string, value: unknown): string {
  return `${field} must be ${rule}; got ${brief(value)}`;
}

/** A value as an error may show it: short ones whole, long ones by their size. */
export function brief(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "string" && value.length > 64)
    return `a string of ${value.length} characters`;
  // JSON.stringify calls a number too large for JavaScript null.
  if (typeof value === "number") return String(value);
  return JSON.stringify(value) ?? "nothing";
}
