// Imports point one way: what a folder is built on knows nothing of it. Types count.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What the folders of the origin, and the files beside them, may import of one another besides themselves. */
const allowed: Record<string, readonly string[]> = {
  process: [],
  text: [],
  audio: [],
  "log.ts": [],
  voices: ["process", "audio", "log.ts"],
  model: ["process", "text", "audio", "voices"],
  download: ["model"],
  engine: ["model", "process", "text", "audio", "voices", "log.ts"],
  speech: ["engine", "model", "text", "audio", "voices", "log.ts", "metrics.ts"],
  jobs: ["speech", "model", "process", "audio", "text", "log.ts"],
  socket: ["speech", "engine", "text", "voices", "log.ts"],
  "metrics.ts": ["engine", "speech"],
  "settings.ts": ["jobs", "engine", "model", "process", "text"],
  book: ["text"],
  page: [],
  http: [
    ...["page", "jobs", "socket", "speech", "engine", "model", "audio", "voices", "process"],
    ...["log.ts", "metrics.ts", "settings.ts"],
  ],
  "main.ts": ["http", "engine", "process", "log.ts", "settings.ts"],
  cli: [
    ...[
      "http",
      "page",
      "book",
      "jobs",
      "speech",
      "engine",
      "model",
      "download",
      "audio",
      "process",
      "voices",
    ],
    ...["log.ts", "metrics.ts", "settings.ts"],
  ],
};

/** Of each file, by its path from the root, those of the project that it imports. */
function readImports(tops: readonly string[]): Map<string, string[]> {
  const files = tops.flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => posix.join(top, name.replaceAll("\\", "/"))),
  );
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(
    /^(?:(?:import|export)\b[^;"]*?\bfrom|import) ?"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm,
  );
  return Array.from(found, ([, fixed, late]) => posix.join(dirname(file), fixed ?? late ?? ""));
}

/** The first cycle that is met, as a path that ends where it begins. */
function findCycle(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  function follow(file: string, path: readonly string[]): string[] | undefined {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const cycle = follow(next, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  }
  for (const file of imports.keys()) {
    const cycle = follow(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

const imports = readImports(["edge", "origin", "shared"]);
const edges = [...imports].flatMap(([file, targets]) => targets.map((target) => [file, target]));
const topOf = (file = "") => file.split("/")[0] ?? "";
const partOf = (file = "") => file.split("/")[1] ?? "";

describe("imports", () => {
  it("are read from every file, and are of files that there are", () => {
    expect(imports.size).toBeGreaterThan(350);
    expect(edges.length).toBeGreaterThan(1000);
    const missing = edges.filter(([, target = ""]) => !imports.has(target));
    expect(missing).toEqual([]);
  });

  it("never lead back to where they began", () => {
    expect(findCycle(imports)).toBeUndefined();
    expect(findCycle(new Map([...imports, ["shared/models.ts", ["edge/app.ts"]]]))).toBeDefined();
  });

  it("of the contract are of the contract alone, and of the edge never of the origin", () => {
    const wrong = edges.filter(([file, target]) => {
      const [from, to] = [topOf(file), topOf(target)];
      return from !== to && (from === "shared" || from === "edge") && to !== "shared";
    });
    expect(wrong).toEqual([]);
  });

  it("of the origin point from its commands and routes down to models, sound and text", () => {
    const own = edges.filter(([file, target]) =>
      [file, target].every((path) => topOf(path) === "origin"),
    );
    const wrong = own.filter(([file, target]) => {
      const [from, to] = [partOf(file), partOf(target)];
      return from !== to && !allowed[from]?.includes(to);
    });
    expect(wrong).toEqual([]);
    expect(
      edges.filter(([file, target]) => topOf(file) === "origin" && topOf(target) === "edge"),
    ).toEqual([]);
  });
});
