import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { accepted, type Dependency, findFault, readLock } from "../../origin/cli/licenses/judge.ts";
import { runProgram } from "../support/run-program.ts";

const mit: Dependency = {
  name: "a",
  version: "1.0.0",
  licence: "MIT",
  isShipped: true,
  hasInstallScript: false,
};

it("lists what the lock has, and finds nothing that was not looked at", async () => {
  const { code, stdout, stderr } = await runProgram("origin/cli/licenses.ts").finished;
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.toString()).toMatch(/^MIT {2}\d+ shipped, \d+ for development$/m);
  expect(stdout.toString()).toContain("onnxruntime-node");
});

it.each([
  [{ licence: "GPL-3.0" }, "a is under GPL-3.0, which nobody has accepted"],
  [
    { licence: "MIT AND AGPL-3.0-only" },
    "a is under MIT AND AGPL-3.0-only, which nobody has accepted",
  ],
  [{ licence: "none" }, "a says of no licence what it is under"],
  [{ licence: "SEE LICENSE IN LICENSE.md" }, /nobody has accepted$/],
  [{ name: "codec-parser", licence: "GPL-3.0" }, /nobody has accepted$/],
  [{ name: "lightningcss", licence: "MPL-2.0" }, /nobody has accepted$/],
  [{ hasInstallScript: true }, "a has an install script, which nobody has looked at"],
])("fails on %j", (fields, fault) => {
  expect(findFault({ ...mit, ...fields })).toMatch(fault);
});

it.each([
  [{}],
  [{ licence: "(MIT OR GPL-3.0)" }],
  [{ licence: "MIT AND Apache-2.0" }],
  [{ name: "lightningcss", licence: "MPL-2.0", isShipped: false }],
  [{ name: "esbuild", hasInstallScript: true }],
])("accepts %j", (fields) => {
  expect(findFault({ ...mit, ...fields })).toBeUndefined();
});

it("accepts nothing that is not there any more, and the README names all that is shipped", () => {
  const names = readLock(readFileSync("package-lock.json", "utf8")).map(({ name }) => name);
  const readme = readFileSync("README.md", "utf8");
  for (const name of Object.keys(accepted)) {
    expect(names).toContain(name);
    expect(readme).toContain(`\`${name}\``);
  }
});
