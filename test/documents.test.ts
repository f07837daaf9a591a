import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { operations } from "../shared/openapi/operations.ts";

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
  const names = ["http", "jobs", "process", "socket", "speech", "text", "engine", "voices"];
  const folders = names.map((name) => `origin/${name}`);
  const all = ["edge", ...folders, "shared"].map(sources).join("\n");
  const codes = new Set(code.flatMap((kind) => Array.from(all.matchAll(kind), ([, name]) => name)));
  const page = readFileSync("shared/TROUBLESHOOTING.md", "utf8");
  const told = Array.from(page.matchAll(/^\| (`[^|]+`) \|/gm), ([, cell = ""]) =>
    Array.from(cell.matchAll(/`([a-z_]+)`/g), ([, name]) => name),
  ).flat();
  expect(new Set(told).size).toBe(told.length);
  expect(told.toSorted()).toEqual([...codes].toSorted());
});

const pages = [
  ...[
    "README.md",
    "shared/README.md",
    "shared/TROUBLESHOOTING.md",
    "edge/README.md",
    "origin/README.md",
  ],
  ...[
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
    ".github/CHANGELOG.md",
    "test/bench/README.md",
  ],
  ...["edge/recipes", "origin/deploy"].filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name)),
  ),
];

it("the first page is short enough to be read", () => {
  expect(readFileSync("README.md", "utf8").split("\n").length).toBeLessThanOrEqual(130);
});

it.each(pages)("the links of %s lead somewhere", (page) => {
  const text = readFileSync(page, "utf8");
  const links = Array.from(text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#([^)\s]+))?\)/g));
  for (const [, path = "", anchor] of links) {
    const target = join(dirname(page), path);
    expect(existsSync(target), `${page}: ${path}`).toBe(true);
    if (anchor === undefined) continue;
    const headings = Array.from(
      readFileSync(target, "utf8").matchAll(/^#+ (.*)$/gm),
      ([, title = ""]) =>
        title
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N} -]/gu, "")
          .replaceAll(" ", "-"),
    );
    expect(headings, `${page}: #${anchor}`).toContain(anchor);
  }
});

it("every route is in the description of the API", () => {
  const page = readFileSync("shared/README.md", "utf8");
  for (const { path } of operations) {
    const [written = ""] = path
      .replace("{file}", "{id}.{format}")
      .replace("{deployment}", "{model}")
      .split("/stream");
    const [base] = written.split("/{id}");
    const isThere =
      page.includes(written) || (page.includes(String(base)) && page.includes("/{id}"));
    expect(isThere, path).toBe(true);
  }
});

it("every setting is in the tables of the program that reads it, and those of both are no others", () => {
  const tables = (page: string, from: string) => {
    const text = readFileSync(page, "utf8");
    const [section = ""] = text.slice(text.indexOf(from)).split(/^## (?!Settings)/m);
    return Array.from(section.matchAll(/^\| (`[^|]+`) \|/gm), ([, cell = ""]) =>
      Array.from(cell.matchAll(/`([A-Z][A-Z_]+)`/g), ([, name = ""]) => name),
    ).flat();
  };
  const names = (file: string, pattern: RegExp) =>
    Array.from(readFileSync(file, "utf8").matchAll(pattern), ([, name = ""]) => name);
  const catalogue = names("shared/catalogue.ts", /^ {2}"([A-Z_]+)",$/gm);
  const origin = new Set([
    ...names("origin/settings.ts", /^ {2}([A-Z][A-Z_]+):/gm),
    ...names("origin/cli/edge-settings.ts", /^ {2}([A-Z][A-Z_]+):/gm),
    ...catalogue,
    ...["ORIGIN_PORT", "EDGE_PORT", "MODELS_DIR"],
  ]);
  const edge = new Set([...names("edge/bindings.ts", /^ {2}([A-Z][A-Z_]+):/gm), ...catalogue]);
  expect(tables("origin/README.md", "## Settings").toSorted()).toEqual([...origin].toSorted());
  expect(tables("edge/README.md", "## Settings").toSorted()).toEqual([...edge].toSorted());
});

it("each line of the threat model names tests that there are", () => {
  const page = readFileSync(".github/SECURITY.md", "utf8");
  const lines = page.split("\n").filter((line) => /^\| (?!---|threat)/.test(line));
  expect(lines.length).toBeGreaterThan(12);
  for (const line of lines) {
    const tests = Array.from(line.matchAll(/`(test\/[^`]+)`/g), ([, path = ""]) => path);
    expect(tests.length, line).toBeGreaterThan(0);
    for (const path of tests) expect(existsSync(path), path).toBe(true);
  }
});
