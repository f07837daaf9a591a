/** The entries of a setting that may hold several, separated by commas. */
export function entriesOf(list = ""): string[] {
  return list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
