import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

it("the troubleshooting page has every code that an error can have, and no other", () => {
  const code = [
    /\bcode: "(misconfigured|[a-z]+(?:_[a-z]+)+)"/g,
    /\b(?:invalidRequest|notFound|unavailable|forbidden|refuse)\(\s*(?:"\w+",\s*)?"([a-z]+(?:_[a-z]+)+)"/g,
    /\bgatewayError\(\d+, "([a-z_]+)"/g,
    /\breturn "([a-z]+(?:_[a-z]+)+)";/g,
  ];
  const all = ["edge", "origin/http", "origin/speech", "origin/engine", "shared"]
    .map(sources)
    .join("\n");
  const codes = new Set(code.flatMap((kind) => Array.from(all.matchAll(kind), ([, name]) => name)));
  const page = readFileSync("shared/TROUBLESHOOTING.md", "utf8");
  const told = Array.from(page.matchAll(/^\| (`[^|]+`) \|/gm), ([, cell = ""]) =>
    Array.from(cell.matchAll(/`([a-z_]+)`/g), ([, name]) => name),
  ).flat();
  expect(new Set(told).size).toBe(told.length);
  expect(told.toSorted()).toEqual([...codes].toSorted());
});
